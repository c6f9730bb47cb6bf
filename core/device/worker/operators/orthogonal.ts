import { InvalidStateError } from '../../../errors.ts';
import { booleanOf, numberOf } from '../../attributes.ts';
import { BLOCK, writeNumbers } from '../convert.ts';
import type { DeviceArray } from '../device-array.ts';
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
  for (const [i, vector] of vectors.entries()) {
    drawVector(source, i, vector);
    orthonormalize(vector, vectors.slice(0, i));
  }
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

/**
 * Makes `vector` a unit vector orthogonal to `others`, which are (modified Gram and Schmidt). Of random
 * vectors this is the QR decomposition with a positive diagonal of R, so that for normal values every
 * orthogonal matrix is equally likely (Mezzadri 2007). Where most of the vector cancels, once more:
 * "twice is enough" (Kahan, in Parlett 1980).
 */
function orthonormalize(vector: Float64Array, others: readonly Float64Array[]): void {
  let before = Math.sqrt(dot(vector, vector));
  for (;;) {
    let done = 0;
    for (; done + 4 <= others.length; done += 4) projectOutFour(vector, others, done);
    for (const other of others.slice(done)) subtract(vector, other, dot(vector, other));
    const after = Math.sqrt(dot(vector, vector));
    if (after > 0.5 * before || after === 0) {
      for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / after;
      return;
    }
    before = after;
  }
}

/** Makes `vector` orthogonal to four vectors that are so to each other: reads it twice in place of eight times. */
function projectOutFour(vector: Float64Array, others: readonly Float64Array[], first: number): void {
  const [a = vector, b = vector, c = vector, d = vector] = others.slice(first, first + 4);
  let [sa, sb, sc, sd] = [0, 0, 0, 0];
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i] ?? 0;
    sa += value * (a[i] ?? 0);
    sb += value * (b[i] ?? 0);
    sc += value * (c[i] ?? 0);
    sd += value * (d[i] ?? 0);
  }
  for (let i = 0; i < vector.length; i++) {
    vector[i] = (vector[i] ?? 0) - sa * (a[i] ?? 0) - sb * (b[i] ?? 0) - sc * (c[i] ?? 0) - sd * (d[i] ?? 0);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function subtract(vector: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - factor * (other[i] ?? 0);
}
