import { createHash } from 'node:crypto';
import '../../../core/checkpoint/array-files.ts';
import { type ByteStream, type StoredArray, type StoredDense, streamOf } from '../../../core/ndarray/array-file.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';

/** What MXNet's type flags stand for (mshadow/base.h), by number. */
export const MXNET_DTYPES = [
  'float32',
  'float64',
  'float16',
  'uint8',
  'int32',
  'int8',
  'int64',
  'bool',
  'int16',
  'uint16',
  'uint32',
  'uint64',
  'bfloat16',
] as const satisfies readonly DType[];

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** All of a stream; its pieces must hold whole elements and no more than they may. */
export async function bytesOf(stream: ByteStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream.chunks()) {
    if (length % 16 !== 0 || piece.length > 8 * 1024 * 1024) throw new Error('The stream was cut badly.');
    pieces.push(Buffer.from(piece));
    length += piece.length;
  }
  if (length !== stream.nbytes) throw new Error(`The stream announced ${stream.nbytes} bytes and gave ${length}.`);
  return Buffer.concat(pieces);
}

export function dense(dtype: DType, shape: readonly number[], bytes: Uint8Array): StoredDense {
  return { stype: 'default', dtype, shape, values: streamOf(bytes) };
}

export function int64Bytes(...values: readonly (number | bigint)[]): Buffer {
  return Buffer.from(BigInt64Array.from(values, BigInt).buffer);
}

export function float32Bytes(...values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

/** A stored array with its streams read, to be compared. */
export async function contentOf(array: StoredArray): Promise<object> {
  const { dtype, shape, stype } = array;
  const values = (await bytesOf(array.values)).toString('hex');
  if (array.stype === 'default') return { stype, dtype, shape, values };
  const indices = (await bytesOf(array.indices)).toString('hex');
  if (array.stype === 'row_sparse') return { stype, dtype, shape, rows: array.rows, indices, values };
  return {
    stype,
    dtype,
    shape,
    nnz: array.nnz,
    indptr: (await bytesOf(array.indptr)).toString('hex'),
    indices,
    values,
  };
}

/** Where each row begins among the stored elements. */
export function rowStarts(rows: readonly (readonly unknown[])[]): number[] {
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  return starts;
}

/** Bytes from hexadecimal digits, with spaces and bars between fields. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/[\s|]/g, ''), 'hex');
}

/** Fields of a file that is made by hand. */
export const field = {
  u32: (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  },
  i32: (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  },
  u64: (value: number | bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  },
  /** `i32 ndim`, then the sizes as `i64`. */
  shape: (...sizes: readonly (number | bigint)[]): Buffer =>
    Buffer.concat([field.i32(sizes.length), int64Bytes(...sizes)]),
  names: (...names: readonly (string | Uint8Array)[]): Buffer =>
    Buffer.concat([
      field.u64(names.length),
      ...names.flatMap((name) => [field.u64(Buffer.from(name as string).length), Buffer.from(name as string)]),
    ]),
};

export const V1 = 0xf993fac8;
export const V2 = 0xf993fac9;
export const V3 = 0xf993faca;

/** A list file of these records and names. */
export function listFile(records: readonly Buffer[], names: Buffer = field.u64(0)): Buffer {
  return Buffer.concat([field.u64(0x112), field.u64(0), field.u64(records.length), ...records, names]);
}

/** A dense V2 record; what is given replaces its fields. */
export function denseRecord(
  parts: { magic?: number; stype?: number; shape?: Buffer; context?: Buffer; flag?: number; values?: Buffer } = {},
): Buffer {
  return Buffer.concat([
    field.u32(parts.magic ?? V2),
    field.i32(parts.stype ?? 0),
    parts.shape ?? field.shape(2),
    parts.context ?? Buffer.concat([field.i32(1), field.i32(0)]),
    field.i32(parts.flag ?? 0),
    parts.values ?? float32Bytes(1, 2),
  ]);
}

/** A row_sparse float32 record of shape (4, 2). */
export function rowSparseRecord(parts: { rows?: readonly number[]; stored?: number; count?: number } = {}): Buffer {
  const rows = parts.rows ?? [0, 2];
  return Buffer.concat([
    field.u32(V2),
    field.i32(1),
    field.shape(parts.stored ?? rows.length, 2),
    field.shape(4, 2),
    field.i32(1),
    field.i32(0),
    field.i32(0),
    field.i32(6),
    field.shape(parts.count ?? rows.length),
    float32Bytes(...rows.flatMap((row) => [row + 1, -row])),
    int64Bytes(...rows),
  ]);
}

/** A csr float32 record of shape (3, 4). */
export function csrRecord(parts: { indptr?: readonly number[]; columns?: readonly number[] } = {}): Buffer {
  const columns = parts.columns ?? [1, 3, 0];
  const indptr = parts.indptr ?? [0, 2, 2, 3];
  return Buffer.concat([
    field.u32(V2),
    field.i32(2),
    field.shape(columns.length),
    field.shape(3, 4),
    field.i32(1),
    field.i32(0),
    field.i32(0),
    field.i32(6),
    field.shape(indptr.length),
    field.i32(6),
    field.shape(columns.length),
    float32Bytes(...columns.map((_, i) => i + 1)),
    int64Bytes(...indptr),
    int64Bytes(...columns),
  ]);
}
