import { InvalidStateError } from '../../../errors.ts';
import { booleanOf, numberOf } from '../../attributes.ts';
import { BLOCK, writeNumbers } from '../convert.ts';
import type { DeviceArray } from '../device-array.ts';
import { orthonormalize } from './gram-schmidt.ts';
import { type NumberSource, normal, streamOf, type UniformRange, uniform } from './random.ts';
import { registerKernel } from './registry.ts';

/** From -1 to 1, and by half a step never 0: a vector of one element needs a direction. */
const SYMMETRIC: UniformRange = { center: 2 ** -32, half: 1, least: -1, most: 1 };

/**
 * A random matrix of `rows` times `columns` whose rows, or columns where it is tall, are orthogonal and
 * of length `scale`. The second output is float64 memory to work in: as many vectors as there are to be
 * orthogonal.
 */
registerKernel('random_orthogonal', (_inputs, attributes, [output, workspace]) => {
  if (!output || !(workspace?.elements.kind === 'numbers' && workspace.elements.values instanceof Float64Array)) {
    throw new InvalidStateError('random_orthogonal writes a matrix, and needs a float64 array to work in.');
  }
  const stream = streamOf(attributes);
  const source = booleanOf(attributes, 'normal') ? normal(stream, 1) : uniform(stream, SYMMETRIC);
  const vectors = rowsOf(workspace.elements.values, workspace.shape[0] ?? 0);
  for (const [i, vector] of vectors.entries()) drawVector(source, i, vector);
  orthonormalize(vectors);
  const columns = numberOf(attributes, 'columns');
  writeMatrix(output, vectors, { columns, scale: numberOf(attributes, 'scale') });
});

function rowsOf(values: Float64Array, count: number): Float64Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * length, (i + 1) * length));
}

/** Vector `index` of a stream: it begins at a multiple of four, where the source can begin. */
function drawVector(source: NumberSource, index: number, vector: Float64Array): void {
  const first = index * Math.ceil(vector.length / 4) * 4;
  for (let start = 0; start < vector.length; start += BLOCK) {
    source(first + start, vector.subarray(start, start + BLOCK));
  }
}

/** Scaled and rounded; the vectors are the columns where there are as many of them and fewer than rows. */
function writeMatrix(
  output: DeviceArray,
  vectors: readonly Float64Array[],
  { columns, scale }: { readonly columns: number; readonly scale: number },
): void {
  const isTall = vectors.length * columns < output.size;
  const numbers = new Float64Array(Math.min(BLOCK, output.size));
  for (let start = 0; start < output.size; start += BLOCK) {
    const block = numbers.subarray(0, Math.min(BLOCK, output.size - start));
    for (let i = 0; i < block.length; i++) {
      const row = Math.floor((start + i) / columns);
      const column = (start + i) % columns;
      block[i] = scale * ((isTall ? vectors[column]?.[row] : vectors[row]?.[column]) ?? 0);
    }
    writeNumbers(output, start, block);
  }
}
