import type { PagedBytes } from '../paged-bytes.ts';
import { VarintCursor } from './table-file.ts';

const MAX_RANK = 254;
const MAX_SLICES = 1_000_000;

/** Where an axis begins in a slice, and how long it is there; `null` where the slice takes all of it. */
export interface AxisExtent {
  readonly start: number;
  readonly length: number | null;
}

/** One tensor, or one slice of a tensor, of a bundle (tensorflow/core/protobuf/tensor_bundle.proto). */
export interface BundleEntry {
  /** TensorFlow's number of the element type (types.proto). */
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly nbytes: number;
  /** Of a tensor that is stored in slices, which are entries of their own. */
  readonly slices: readonly (readonly AxisExtent[])[];
}

export interface BundleHeader {
  readonly shards: number;
  readonly bigEndian: boolean;
}

type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly piece: Buffer };

/** The fields of a message in memory; fixed-size ones are passed over. */
function* fieldsOf(piece: Buffer, bytes: PagedBytes, offset: number): Generator<Field> {
  const cursor = new VarintCursor(piece, bytes, offset);
  while (cursor.left > 0) {
    const tag = cursor.varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, kind: 'varint', value: cursor.bigVarint() };
        break;
      case 1:
        cursor.take(8);
        break;
      case 2:
        yield { number, kind: 'bytes', piece: cursor.take(cursor.varint()) };
        break;
      case 5:
        cursor.take(4);
        break;
      default:
        bytes.fail(`a message of the index has a field of wire type ${tag % 8}`, offset);
    }
  }
}

export function readHeader(piece: Buffer, bytes: PagedBytes, offset: number): BundleHeader {
  let header = { shards: 1, bigEndian: false };
  for (const field of fieldsOf(piece, bytes, offset)) {
    if (field.kind !== 'varint') continue;
    if (field.number === 1) header = { ...header, shards: Number(field.value) };
    if (field.number === 2) header = { ...header, bigEndian: field.value === 1n };
  }
  return header;
}

export function readEntry(piece: Buffer, bytes: PagedBytes, offset: number): BundleEntry {
  const numbers = new Map<number, number>();
  let shape: number[] = [];
  const slices: AxisExtent[][] = [];
  for (const field of fieldsOf(piece, bytes, offset)) {
    if (field.kind === 'varint') numbers.set(field.number, sized(field.value, bytes, offset));
    else if (field.number === 2) shape = readShape(field.piece, bytes, offset);
    else if (field.number === 7 && slices.push(readSlice(field.piece, bytes, offset)) > MAX_SLICES) {
      bytes.fail(`a tensor has more than ${MAX_SLICES} slices`, offset);
    }
  }
  const number = (field: number): number => numbers.get(field) ?? 0;
  return { dtype: number(1), shape, shard: number(3), offset: number(4), nbytes: number(5), slices };
}

function sized(value: bigint, bytes: PagedBytes, offset: number): number {
  return value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : bytes.fail('a size or position is beyond every real file', offset);
}

/** TensorShapeProto: dimensions are messages with a size. */
function readShape(piece: Buffer, bytes: PagedBytes, offset: number): number[] {
  const shape: number[] = [];
  for (const field of fieldsOf(piece, bytes, offset)) {
    if (field.kind === 'varint' && field.number === 3 && field.value !== 0n)
      bytes.fail('a tensor has no known rank', offset);
    if (field.kind !== 'bytes' || field.number !== 2) continue;
    let size = 0;
    for (const part of fieldsOf(field.piece, bytes, offset)) {
      if (part.kind === 'varint' && part.number === 1) size = sized(part.value, bytes, offset);
    }
    if (shape.push(size) > MAX_RANK) bytes.fail(`a tensor has more than ${MAX_RANK} dimensions`, offset);
  }
  return shape;
}

/** TensorSliceProto: an extent per axis. */
function readSlice(piece: Buffer, bytes: PagedBytes, offset: number): AxisExtent[] {
  const extents: AxisExtent[] = [];
  for (const field of fieldsOf(piece, bytes, offset)) {
    if (field.kind !== 'bytes' || field.number !== 1) continue;
    let extent: AxisExtent = { start: 0, length: null };
    for (const part of fieldsOf(field.piece, bytes, offset)) {
      if (part.kind !== 'varint') continue;
      const value = sized(part.value, bytes, offset);
      extent = part.number === 1 ? { ...extent, start: value } : { ...extent, length: value };
    }
    if (extents.push(extent) > MAX_RANK) bytes.fail(`a slice has more than ${MAX_RANK} dimensions`, offset);
  }
  return extents;
}
