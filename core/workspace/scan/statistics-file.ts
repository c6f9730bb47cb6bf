import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import { STATISTICS_VERSION } from '../../stats/version.ts';
import { inSlices } from '../slices.ts';
import type { RecordCodec } from './record-codec.ts';

/** A state of a file. */
export interface Subject {
  readonly path: string;
  readonly stamp: FileStamp;
}

/**
 * What is known of the tensors of one state of one file, by `TensorKeys`. On disk: uint32 length of a JSON
 * header and the header, padded to 8 bytes; the records of the tensors in float64, as the codec has them; the
 * keys, a line each; CRC-32 of all that. Little-endian.
 */
export class KnownStatistics<Value> {
  readonly subject: Subject;
  readonly #codec: RecordCodec<Value>;
  readonly #rows = new Map<string, number>();
  #values = new Float64Array(0);

  constructor(codec: RecordCodec<Value>, subject: Subject) {
    this.#codec = codec;
    this.subject = subject;
  }

  get count(): number {
    return this.#rows.size;
  }

  get(key: string): Value | null {
    const { width, decode } = this.#codec;
    const row = this.#rows.get(key);
    return row === undefined ? null : decode(this.#values.subarray(row * width, (row + 1) * width));
  }

  put(key: string, value: Value): void {
    const { width, encode } = this.#codec;
    const row = this.#rows.get(key) ?? this.#rows.size;
    if ((row + 1) * width > this.#values.length) this.#grow();
    this.#values.set(encode(value), row * width);
    this.#rows.set(key, row);
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(64 * this.#codec.width, 2 * this.#values.length));
    larger.set(this.#values);
    this.#values = larger;
  }

  /** The file in pieces, as of the first of them. */
  *encode(): Generator<Uint8Array> {
    const { name: kind, width } = this.#codec;
    const { path, stamp } = this.subject;
    const fields: Header = { format: FORMAT, kind, version: STATISTICS_VERSION, path, stamp, count: this.count };
    const header = Buffer.from(JSON.stringify(fields));
    const head = Buffer.alloc(align(4 + header.length), ' ');
    head.writeUInt32LE(header.length);
    header.copy(head, 4);
    const values = new Uint8Array(this.#values.slice(0, this.count * width).buffer);
    const keys = [...this.#rows.keys()];
    let sum = 0;
    for (const piece of [head, ...piecesOf(values), Buffer.from(keys.join('\n'))]) {
      sum = crc32(piece, sum);
      yield piece;
    }
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(sum);
    yield checksum;
  }

  /** Null for bytes that are damaged, of another version, or about another state of the file. */
  static async decode<Value>(
    bytes: Uint8Array,
    codec: RecordCodec<Value>,
    subject: Subject,
  ): Promise<KnownStatistics<Value> | null> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const parts = (await isIntact(buffer)) ? partsOf(buffer, codec.width) : null;
    if (!parts) return null;
    const { header, values, keys } = parts;
    if (header.kind !== codec.name || header.path !== subject.path || !isSame(header.stamp, subject.stamp)) return null;
    const known = new KnownStatistics(codec, subject);
    known.#values = values;
    await inSlices(keys, (key) => known.#rows.set(key, known.#rows.size));
    return known.#rows.size === header.count ? known : null;
  }
}

const CHECKSUM_BYTES = 4;
const PIECE_BYTES = 4 * 1024 * 1024;
const FORMAT = 'parascope-statistics-1';

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  kind: z.string(),
  version: z.literal(STATISTICS_VERSION),
  path: z.string(),
  stamp: z.strictObject({ size: z.number(), mtimeMs: z.number(), ino: z.number() }),
  count: z.int().nonnegative(),
});
type Header = z.infer<typeof headerSchema>;

interface Parts {
  readonly header: Header;
  readonly values: Float64Array<ArrayBuffer>;
  readonly keys: readonly string[];
}

/** Whether the checksum is that of what is before it. */
async function isIntact(bytes: Buffer): Promise<boolean> {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < 4) return false;
  let sum = 0;
  for (const piece of piecesOf(bytes.subarray(0, end))) {
    sum = crc32(piece, sum);
    await nextTurn();
  }
  return sum === bytes.readUInt32LE(end);
}

/** Small enough that nobody waits for one. */
function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / PIECE_BYTES);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES));
}

function partsOf(bytes: Buffer, width: number): Parts | null {
  const end = bytes.length - CHECKSUM_BYTES;
  const headerEnd = 4 + bytes.readUInt32LE(0);
  const header = headerSchema.safeParse(parsedJSON(bytes.toString('utf8', 4, headerEnd)));
  if (!header.success) return null;
  const start = align(headerEnd);
  const keysStart = start + header.data.count * width * 8;
  if (keysStart > end) return null;
  // A copy, since what was read need not lie at a multiple of 8.
  const values = new Float64Array(Uint8Array.from(bytes.subarray(start, keysStart)).buffer);
  const keys = header.data.count === 0 ? [] : bytes.toString('utf8', keysStart, end).split('\n');
  return { header: header.data, values, keys };
}

function parsedJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isSame(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino;
}

function align(position: number): number {
  return Math.ceil(position / 8) * 8;
}
