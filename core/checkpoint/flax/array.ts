import type { PagedBytes } from '../paged-bytes.ts';
import { MsgPackReader, type Payload } from './msgpack.ts';

/** More dimensions than NumPy allows. */
const MAX_RANK = 64;

/** An array as flax.serialization stores it: shape, name of the dtype, element bytes. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** As NumPy or ml_dtypes name it. */
  readonly dtypeName: string;
  /** The element bytes, in C order and little-endian. */
  readonly data: Payload;
}

/** Reads the payload of an extension of type 1 or 3 (flax/serialization.py, `_ndarray_to_bytes`). */
export async function readArray(bytes: PagedBytes, payload: Payload, what: string): Promise<StoredArray> {
  const reader = new MsgPackReader(bytes, payload);
  const parts = await reader.next(what);
  if (parts.kind !== 'array' || parts.count !== 3) {
    bytes.fail(`${what} should be a triple of shape, dtype and bytes`, payload.start);
  }
  const shape = await readShape(reader, what);
  const dtypeName = await reader.text(await reader.next(`the dtype of ${what}`), `the dtype of ${what}`);
  const data = await reader.next(`the bytes of ${what}`);
  if (data.kind !== 'bytes' && data.kind !== 'string') {
    return bytes.fail(`${what} has no element bytes, but a value of kind ${data.kind}`, data.offset);
  }
  if (reader.position !== reader.end)
    bytes.fail(`${what} is followed by bytes that belong to nothing`, reader.position);
  return { shape, dtypeName, data: { start: data.start, nbytes: data.nbytes } };
}

async function readShape(reader: MsgPackReader, what: string): Promise<number[]> {
  const head = await reader.next(`the shape of ${what}`);
  if (head.kind !== 'array' || head.count > MAX_RANK) {
    return reader.bytes.fail(`the shape of ${what} should be a list of up to ${MAX_RANK} sizes`, head.offset);
  }
  const shape: number[] = [];
  for (let axis = 0; axis < head.count; axis++) shape.push(await readSize(reader, `the shape of ${what}`));
  return shape;
}

/** A non-negative integer that a file can mean. */
export async function readSize(reader: MsgPackReader, what: string): Promise<number> {
  const size = await reader.next(what);
  const value = size.kind === 'integer' ? Number(size.value) : -1;
  if (!Number.isSafeInteger(value) || value < 0) reader.bytes.fail(`${what} holds no size`, size.offset);
  return value;
}
