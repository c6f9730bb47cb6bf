import { InvalidStateError } from '../../../errors.ts';
import { BLOCK, writeNumbers } from '../convert.ts';
import { type BigInts, DeviceArray, type Numbers, partsOf } from '../device-array.ts';
import { registerKernel } from './registry.ts';
import { arrayAt, indicesOf, rowCopier, storedIn } from './sparse.ts';

/** What a KVStore asks of a device: sums of what several devices pushed. */

/**
 * The elementwise sum of the inputs, which share shape and dtype: in float64 with one rounding, so that
 * the order of devices does not show in narrow floats; 64-bit integers exactly, wrapping as they do.
 */
registerKernel('add_n', (inputs, _attributes, outputs) => {
  sumInto(inputs, arrayAt(outputs, 0));
});

/** Takes (indices, rows) of each addend; writes indices and rows of the sum, which has room for their union. */
registerKernel('row_sparse_add_n', (inputs, _attributes, outputs) => {
  const addends = inputs.flatMap((indices, i) => {
    const rows = inputs[i + 1];
    return i % 2 === 0 && rows ? [{ indices: indicesOf(indices), rows }] : [];
  });
  const union = new Set<bigint>();
  for (const { indices } of addends) {
    for (const index of indices.subarray(0, storedIn(indices))) union.add(index);
  }
  const rows = [...union].sort((a, b) => (a < b ? -1 : 1));
  const target = indicesOf(arrayAt(outputs, 0)).fill(-1n);
  target.set(rows);
  const places = new Map(rows.map((row, place) => [row, place]));
  const sum = arrayAt(outputs, 1);
  sumInto(
    addends.map((addend) => spreadRows(addend, places, sum)),
    sum,
  );
});

/** The rows of an addend at their places in the sum, between rows of zeros; freed with the kernel. */
function spreadRows(
  addend: { readonly indices: BigInt64Array; readonly rows: DeviceArray },
  places: ReadonlyMap<bigint, number>,
  sum: DeviceArray,
): DeviceArray {
  const spread = new DeviceArray(sum.dtype, sum.shape);
  const copy = rowCopier(addend.rows, spread);
  const stored = storedIn(addend.indices);
  for (let i = 0; i < stored; i++) {
    const place = places.get(addend.indices[i] ?? -1n);
    if (place !== undefined) copy(i, place);
  }
  return spread;
}

/** 0, 1, 2 …: the indices of a row_sparse array that stores every row. */
registerKernel('row_range', (_inputs, _attributes, outputs) => {
  const indices = indicesOf(arrayAt(outputs, 0));
  for (let row = 0; row < indices.length; row++) indices[row] = BigInt(row);
});

function sumInto(addends: readonly DeviceArray[], target: DeviceArray): void {
  const { elements } = target;
  switch (elements.kind) {
    case 'bigints':
      sumBigInts(addends.map(bigIntsOf), elements.values);
      return;
    case 'complex':
      partsOf(elements).forEach((part, i) => {
        const parts = addends.map((addend) => partsOf(addend.elements)[i]);
        sumNumbers(parts.filter(isNumbers), (offset, sums) => isNumbers(part) && part.set(sums, offset));
      });
      return;
    case 'numbers':
      sumNumbers(addends.map(numbersOf), (offset, sums) => writeNumbers(target, offset, sums));
      return;
  }
}

function sumNumbers(addends: readonly Numbers[], write: (offset: number, sums: Float64Array) => void): void {
  const size = addends[0]?.length ?? 0;
  const sums = new Float64Array(Math.min(size, BLOCK));
  for (let offset = 0; offset < size; offset += BLOCK) {
    const block = sums.subarray(0, Math.min(BLOCK, size - offset)).fill(0);
    for (const addend of addends) {
      for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) + (addend[offset + i] ?? 0);
    }
    write(offset, block);
  }
}

function sumBigInts(addends: readonly BigInts[], target: BigInts): void {
  for (let i = 0; i < target.length; i++) {
    let sum = 0n;
    for (const addend of addends) sum += addend[i] ?? 0n;
    target[i] = sum;
  }
}

function isNumbers(values: Numbers | BigInts | undefined): values is Numbers {
  return values !== undefined && !(values instanceof BigInt64Array) && !(values instanceof BigUint64Array);
}

function numbersOf({ elements, dtype }: DeviceArray): Numbers {
  if (elements.kind === 'numbers') return elements.values;
  throw new InvalidStateError(`A sum of arrays of one dtype has one of ${dtype}.`);
}

function bigIntsOf({ elements, dtype }: DeviceArray): BigInts {
  if (elements.kind === 'bigints') return elements.values;
  throw new InvalidStateError(`A sum of arrays of one dtype has one of ${dtype}.`);
}
