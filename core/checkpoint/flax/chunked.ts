import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';
import { dtypeOfNumpyName } from '../numpy-dtype.ts';
import { type ByteRun, contiguous, stridedStorage } from '../unpack/stored-bytes.ts';
import { readArray, readSize, type StoredArray } from './array.ts';
import type { MsgPackReader } from './msgpack.ts';

/** The first key of a map that stands for one tensor in chunks (flax/serialization.py, `_chunk`). */
export const CHUNKED_KEY = '__msgpack_chunked_array__';

const NDARRAY = 1;

/** Flax cuts at 1 GiB; no tensor has more pieces than this. */
const MAX_CHUNKS = 65_536;
const MAX_RANK = 64;

interface Chunked {
  readonly name: string;
  /** For messages: `tensor "a/b"`. */
  readonly what: string;
  /** How many members the map has. */
  readonly members: number;
}

/** Reads what follows the key of a chunked tensor: its mark, then shape and chunks as maps with keys "0", "1", … */
export async function readChunked(reader: MsgPackReader, { name, what, members }: Chunked): Promise<Entry> {
  const { bytes } = reader;
  const start = reader.position;
  await reader.next(`the mark of ${what}`);
  if (members !== 3) bytes.fail(`${what} is in chunks, but has ${members} fields instead of 3`, start);
  await expectKey(reader, 'shape', what);
  const shape = await readShape(reader, what);
  await expectKey(reader, 'chunks', what);
  const chunks = await readChunks(reader, what);
  const dtypeName = chunks[0]?.dtypeName ?? 'float32';
  const known = dtypeOfNumpyName(dtypeName);
  if (!known) return bytes.fail(`${what} is in chunks of ${dtypeName}, which is no number`, start);
  const nbytes = bytesFor(known.dtype, elementCount(shape));
  const stored = chunks.reduce((sum, { data }) => sum + data.nbytes, 0);
  if (stored !== nbytes || chunks.some((chunk) => chunk.dtypeName !== dtypeName)) {
    bytes.fail(`${what}, ${dtypeName} ${formatShape(shape)}, takes ${nbytes} bytes; its chunks have ${stored}`, start);
  }
  const runs = chunks.map(({ data }) => ({ file: 0, offset: bytes.base + data.start, nbytes: data.nbytes }));
  const entry = { name, dtype: known.dtype, shape, nbytes, file: 0, offset: runs[0]?.offset ?? 0 };
  return runs.length <= 1 ? entry : { ...entry, packed: inRuns(runs, entry) };
}

function inRuns(
  runs: readonly ByteRun[],
  { dtype, nbytes }: Pick<Entry, 'dtype' | 'nbytes'>,
): Entry['packed'] & object {
  const stored = { runs, compression: 'none' as const, length: nbytes, crc32: null, start: 0, nbytes };
  return stridedStorage(stored, contiguous(dtype));
}

async function expectKey(reader: MsgPackReader, key: string, what: string): Promise<void> {
  const at = reader.position;
  const found = await reader.text(await reader.next(`the ${key} of ${what}`), `a key of ${what}`);
  if (found !== key) reader.bytes.fail(`${what} is in chunks and should have its ${key} here`, at);
}

async function readShape(reader: MsgPackReader, what: string): Promise<number[]> {
  const rank = await mapOf(reader, `the shape of ${what}`, MAX_RANK);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    await expectKey(reader, String(axis), what);
    shape.push(await readSize(reader, `the shape of ${what}`));
  }
  return shape;
}

async function readChunks(reader: MsgPackReader, what: string): Promise<StoredArray[]> {
  const count = await mapOf(reader, `the chunks of ${what}`, MAX_CHUNKS);
  const chunks: StoredArray[] = [];
  for (let i = 0; i < count; i++) {
    await expectKey(reader, String(i), what);
    const token = await reader.next(`chunk ${i} of ${what}`);
    if (token.kind !== 'extension' || token.type !== NDARRAY) {
      return reader.bytes.fail(`chunk ${i} of ${what} is no array`, token.offset);
    }
    chunks.push(await readArray(reader.bytes, token, `chunk ${i} of ${what}`));
  }
  return chunks;
}

async function mapOf(reader: MsgPackReader, what: string, limit: number): Promise<number> {
  const head = await reader.next(what);
  if (head.kind === 'map' && head.count <= limit) return head.count;
  return reader.bytes.fail(`${what} should be a map of up to ${limit} items`, head.offset);
}
