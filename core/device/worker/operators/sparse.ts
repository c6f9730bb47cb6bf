import { InvalidArgumentError, InvalidStateError } from '../../../errors.ts';
import { elementCount } from '../../../ndarray/shape.ts';
import { numberOf } from '../../attributes.ts';
import { type DeviceArray, partsOf } from '../device-array.ts';
import { registerKernel } from './registry.ts';

/**
 * Storage types. A row_sparse array is `indices` (int64, ascending) and `values`, one row for each.
 * How many rows a kernel stores depends on values that only the device knows, so both have room for as
 * many as there can be: indices after the stored ones are -1, and their rows are zero. In csr the last
 * of `indptr` says how many values are stored.
 */

const ABSENT = -1n;

registerKernel('dense_to_row_sparse', (inputs, _attributes, outputs) => {
  const dense = arrayAt(inputs, 0);
  const indices = indicesOf(arrayAt(outputs, 0)).fill(ABSENT);
  const copy = rowCopier(dense, arrayAt(outputs, 1));
  const isStored = rowTester(dense);
  let stored = 0;
  for (let row = 0; row < (dense.shape[0] ?? 0); row++) {
    if (!isStored(row)) continue;
    indices[stored] = BigInt(row);
    copy(row, stored++);
  }
});

registerKernel('row_sparse_to_dense', (inputs, _attributes, outputs) => {
  const indices = indicesOf(arrayAt(inputs, 0));
  const copy = rowCopier(arrayAt(inputs, 1), arrayAt(outputs, 0));
  for (let i = 0; i < storedIn(indices); i++) copy(i, Number(indices[i]));
});

/** The distinct rows of `ids`, ascending; those that are not stored are zeros (MXNet's sparse_retain). */
registerKernel('sparse_retain', (inputs, attributes, outputs) => {
  const indices = indicesOf(arrayAt(inputs, 0));
  const rows = distinctRows(arrayAt(inputs, 2), numberOf(attributes, 'rows'));
  const retained = indicesOf(arrayAt(outputs, 0)).fill(ABSENT);
  const copy = rowCopier(arrayAt(inputs, 1), arrayAt(outputs, 1));
  let at = 0;
  const stored = storedIn(indices);
  rows.forEach((row, i) => {
    retained[i] = row;
    while (at < stored && (indices[at] ?? 0n) < row) at++;
    if (at < stored && indices[at] === row) copy(at, i);
  });
});

/** Indices that a user gave, as int64. @throws InvalidArgumentError unless they ascend within `size`. */
registerKernel('sparse_indices', (inputs, attributes, outputs) => {
  const size = numberOf(attributes, 'size');
  const indices = indicesOf(arrayAt(outputs, 0));
  let last = ABSENT;
  integersIn(arrayAt(inputs, 0)).forEach((index, i) => {
    if (index <= last || index >= BigInt(size)) {
      throw new InvalidArgumentError(
        `Row indices must ascend from 0 to ${size - 1} without repeats, but ${index} follows ${i === 0 ? 'nothing' : last}.`,
      );
    }
    indices[i] = index;
    last = index;
  });
});

/** The first elements or rows of an array. */
registerKernel('sparse_head', (inputs, _attributes, outputs) => {
  const target = arrayAt(outputs, 0);
  const copy = rowCopier(arrayAt(inputs, 0), target);
  for (let row = 0; row < (target.shape[0] ?? 0); row++) copy(row, row);
});

/** How many indices there are before the first that is absent. */
export function storedIn(indices: BigInt64Array): number {
  let [low, high] = [0, indices.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((indices[middle] ?? ABSENT) < 0n) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function arrayAt(arrays: readonly DeviceArray[], index: number): DeviceArray {
  const array = arrays[index];
  if (!array) throw new InvalidStateError(`The kernel lacks array ${index}.`);
  return array;
}

export function indicesOf(array: DeviceArray): BigInt64Array {
  const { elements } = array;
  if (elements.kind === 'bigints' && elements.values instanceof BigInt64Array) return elements.values;
  throw new InvalidArgumentError(`Indices of sparse arrays are int64, got ${array.dtype}.`);
}

/** Copies a row of `source` over one of `target`, which has the dtype and the row size of `source`. */
export function rowCopier(
  source: DeviceArray,
  target: DeviceArray,
  width = elementCount(source.shape.slice(1)),
): (from: number, to: number) => void {
  const targets = partsOf(target.elements);
  const pairs = partsOf(source.elements).flatMap((part, i) => {
    const to = targets[i];
    return to ? [{ from: bytesOf(part), to: bytesOf(to), bytes: width * part.BYTES_PER_ELEMENT }] : [];
  });
  return (fromRow, toRow) => {
    for (const { from, to, bytes } of pairs)
      to.set(from.subarray(fromRow * bytes, (fromRow + 1) * bytes), toRow * bytes);
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Says whether a row of `width` elements has one that is not zero. */
export function rowTester(dense: DeviceArray, width = elementCount(dense.shape.slice(1))): (row: number) => boolean {
  const parts = partsOf(dense.elements);
  return (row) =>
    parts.some((part) => {
      for (let i = row * width; i < (row + 1) * width; i++) {
        const value = part[i];
        if (value !== 0 && value !== 0n) return true;
      }
      return false;
    });
}

/** Truncates floats. @throws InvalidArgumentError for what is no number. */
export function integersIn(array: DeviceArray): bigint[] {
  const { elements } = array;
  if (elements.kind === 'bigints') return [...elements.values];
  if (elements.kind === 'complex') throw new InvalidArgumentError(`Row ids are integers, got ${array.dtype}.`);
  return Array.from(elements.values, (value) => {
    if (Number.isFinite(value)) return BigInt(Math.trunc(value));
    throw new InvalidArgumentError(`Row ids are integers, got ${value}.`);
  });
}

function distinctRows(ids: DeviceArray, rows: number): bigint[] {
  const distinct = [...new Set(integersIn(ids))].sort((a, b) => (a < b ? -1 : 1));
  const bad = distinct.find((id) => id < 0n || id >= BigInt(rows));
  if (bad !== undefined) throw new InvalidArgumentError(`Row id ${bad} is outside an array of ${rows} rows.`);
  return distinct;
}
