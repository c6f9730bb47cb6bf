import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
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
    const { name, width } = this.#codec;
    const header = Buffer.from(headerOf(name, this.subject, this.count));
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
    const parts = (await isIntact(buffer)) ? partsOf(buffer, codec, subject) : null;
    if (!parts) return null;
    const { count, values, keys } = parts;
    const known = new KnownStatistics(codec, subject);
    known.#values = values;
    await inSlices(keys, (key) => known.#rows.set(key, known.#rows.size));
    return known.#rows.size === count ? known : null;
  }
}

const CHECKSUM_BYTES = 4;
const PIECE_BYTES = 4 * 1024 * 1024;
const FORMAT = 'parascope-statistics-1';

/** The whole header of a file about `count` tensors of `subject`: one that differs is of no use. */
function headerOf(kind: string, { path, stamp }: Subject, count: number): string {
  const { size, mtimeMs, ino } = stamp;
  return JSON.stringify({
    format: FORMAT,
    kind,
    version: STATISTICS_VERSION,
    path,
    stamp: { size, mtimeMs, ino },
    count,
  });
}

interface Parts {
  readonly count: number;
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

/** Null where the header is not that of the subject. */
function partsOf(
  bytes: Buffer,
  { name, width }: Pick<RecordCodec<unknown>, 'name' | 'width'>,
  subject: Subject,
): Parts | null {
  const end = bytes.length - CHECKSUM_BYTES;
  const headerEnd = 4 + bytes.readUInt32LE(0);
  const header = bytes.toString('utf8', 4, headerEnd);
  const count = Number(/"count":(\d+)\}$/.exec(header)?.[1]);
  if (header !== headerOf(name, subject, count)) return null;
  const start = align(headerEnd);
  const keysStart = start + count * width * 8;
  if (keysStart > end) return null;
  // A copy, since what was read need not lie at a multiple of 8.
  const values = new Float64Array(Uint8Array.from(bytes.subarray(start, keysStart)).buffer);
  const keys = count === 0 ? [] : bytes.toString('utf8', keysStart, end).split('\n');
  return { count, values, keys };
}

function align(position: number): number {
  return Math.ceil(position / 8) * 8;
}
