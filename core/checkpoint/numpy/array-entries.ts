import { CheckpointFormatError } from '../../errors.ts';
import { elementCount, formatShape, stridesOf } from '../../ndarray/shape.ts';
import type { Entry, OtherArray } from '../checkpoint.ts';
import { fortranStrides, type StoredBytes, sliceOf, stridedStorage, unpackedBytes } from '../unpack/stored-bytes.ts';
import type { NpyHeader } from './npy-header.ts';
import type { NpyField, NpyType } from './npy-type.ts';
import { elementsText } from './other-elements.ts';

/** One array of a file, found. */
export interface FoundArray {
  readonly name: string;
  /** For messages. */
  readonly file: string;
  readonly header: NpyHeader;
  /** The whole `.npy`, header included. */
  readonly stored: StoredBytes;
  /** Its first bytes, with some of the values. */
  readonly head: Buffer;
}

/** What a checkpoint lists of an array: tensors, and what is none. */
export interface ListedArray {
  readonly entries: readonly Entry[];
  readonly others: readonly Omit<OtherArray, 'before'>[];
}

/**
 * The entries of an array: one of its numbers, or of records one per field that holds numbers, named
 * `array.field`; texts, dates and records as such are no tensors.
 *
 * @throws CheckpointFormatError where the values do not fit into what is stored.
 */
export function listArray(array: FoundArray): ListedArray {
  const { header, stored, file } = array;
  const { type, shape, end } = header;
  const nbytes = elementCount(shape) * type.itemsize;
  if (nbytes > stored.length - end) {
    throw new CheckpointFormatError(
      `${file}: ${formatShape(shape)} elements of ${type.itemsize} bytes take ${nbytes}, but only ${stored.length - end} follow the header (byte ${end} of it).`,
      { file, offset: end },
    );
  }
  if (type.kind === 'number') return { entries: [entryOf(array, whole(type))], others: [] };
  const [first] = stored.runs;
  const text = elementsText(type, array.head.subarray(end, end + nbytes));
  const name = type.kind === 'record' ? `void${type.itemsize * 8}` : type.name;
  const plain = stored.compression === 'none' && stored.runs.length === 1 && first;
  const place = plain ? { file: first.file, offset: first.offset + end } : {};
  const other = { name: array.name, dtype: name, shape, nbytes, text, ...place };
  const columns = type.kind === 'record' ? columnsOf(type, { name: array.name, offset: 0, outer: [] }) : [];
  return { entries: columns.map((column) => entryOf(array, column)), others: [other] };
}

type NumberType = Extract<NpyType, { kind: 'number' }>;

/** Numbers among the elements of an array. */
interface Column {
  readonly type: NumberType;
  /** After that of the array; empty for the array itself. */
  readonly name: string | null;
  /** Bytes before them in an element. */
  readonly offset: number;
  /** The axes within an element and their strides in bytes. */
  readonly inner: readonly Inner[];
}

interface Inner {
  readonly size: number;
  readonly stride: number;
}

function whole(type: NumberType): Column {
  return { type, name: null, offset: 0, inner: [] };
}

function columnsOf(
  { fields }: { readonly fields: readonly NpyField[] },
  at: { readonly name: string; readonly offset: number; readonly outer: readonly Inner[] },
): Column[] {
  return fields.flatMap(({ name: field, type, offset, shape }): Column[] => {
    const name = `${at.name}.${field}`;
    const start = at.offset + offset;
    const strides = stridesOf(shape).map((stride) => stride * type.itemsize);
    const inner = [...at.outer, ...shape.map((size, axis) => ({ size, stride: strides[axis] ?? 0 }))];
    if (type.kind === 'record') return columnsOf(type, { name, offset: start, outer: inner });
    return type.kind === 'number' ? [{ type, name, offset: start, inner }] : [];
  });
}

function entryOf({ name, header, stored }: FoundArray, { type, name: column, offset, inner }: Column): Entry {
  const { shape: outer, fortranOrder, end } = header;
  const { itemsize } = header.type;
  const shape = [...outer, ...inner.map(({ size }) => size)];
  const nbytes = unpackedBytes(type.dtype, shape);
  const [run] = stored.runs;
  const entry = {
    name: column ?? name,
    dtype: type.dtype,
    shape,
    nbytes,
    file: run?.file ?? 0,
    offset: (run?.offset ?? 0) + (stored.compression === 'none' ? end : 0),
  };
  const isColumn = column !== null;
  const transposed = fortranOrder && outer.filter((size) => size > 1).length > 1;
  if (stored.compression === 'none' && stored.runs.length === 1 && !isColumn && !transposed && type.swap === 1) {
    return entry;
  }
  const outerStrides = fortranOrder ? fortranStrides(outer, itemsize) : stridesOf(outer).map((step) => step * itemsize);
  const strides = isColumn || transposed ? [...outerStrides, ...inner.map(({ stride }) => stride)] : null;
  const values = sliceOf(stored, end, elementCount(outer) * itemsize);
  const arrangement = { itemsize: type.itemsize, swap: type.swap, start: offset, strides };
  return { ...entry, packed: stridedStorage(values, arrangement) };
}
