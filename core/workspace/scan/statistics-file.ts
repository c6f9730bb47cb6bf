import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import { STATISTICS_VERSION } from '../../stats/version.ts';
import { inSlices } from '../slices.ts';
import { SCALAR_STATS, type ScalarStats } from './scalar-stats.ts';

/**
 * What is known of the tensors of one state of one file, by `TensorKeys`. On disk: uint32 length of a JSON
 * header and the header, padded to 8 bytes; a float64 for each tensor and name in `SCALAR_STATS`, NaN for
 * null; the keys, a line each; CRC-32 of all that. Little-endian.
 */
export class KnownStatistics {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly #rows = new Map<string, number>();
  #values = new Float64Array(0);

  constructor(path: string, stamp: FileStamp) {
    this.path = path;
    this.stamp = stamp;
  }

  get count(): number {
    return this.#rows.size;
  }

  get(key: string): ScalarStats | null {
    const row = this.#rows.get(key);
    if (row === undefined) return null;
    const values = this.#values.subarray(row * WIDTH, (row + 1) * WIDTH);
    return Object.fromEntries(
      SCALAR_STATS.map((name, i) => [name, Number.isNaN(values[i]) ? null : values[i]]),
    ) as unknown as ScalarStats;
  }

  put(key: string, statistics: ScalarStats): void {
    const row = this.#rows.get(key) ?? this.#rows.size;
    if ((row + 1) * WIDTH > this.#values.length) this.#grow();
    this.#values.set(
      SCALAR_STATS.map((name) => statistics[name] ?? Number.NaN),
      row * WIDTH,
    );
    this.#rows.set(key, row);
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(64 * WIDTH, 2 * this.#values.length));
    larger.set(this.#values);
    this.#values = larger;
  }

  encode(): Uint8Array {
    const { path, stamp, count } = this;
    const json = JSON.stringify({ format: FORMAT, version: STATISTICS_VERSION, path, stamp, count } satisfies Header);
    const header = Buffer.from(json);
    const head = Buffer.alloc(align(4 + header.length), ' ');
    head.writeUInt32LE(header.length);
    header.copy(head, 4);
    const values = new Uint8Array(this.#values.buffer, 0, count * WIDTH * 8);
    const body = Buffer.concat([head, values, Buffer.from([...this.#rows.keys()].join('\n'))]);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(crc32(body));
    return Buffer.concat([body, checksum]);
  }

  /** Null for bytes that are damaged, of another version, or about another state of the file. */
  static async decode(bytes: Uint8Array, path: string, stamp: FileStamp): Promise<KnownStatistics | null> {
    const parts = partsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (!parts || parts.header.path !== path || !isSame(parts.header.stamp, stamp)) return null;
    const { header, values, keys } = parts;
    const known = new KnownStatistics(path, stamp);
    known.#values = values;
    await inSlices(keys, (key) => known.#rows.set(key, known.#rows.size));
    return known.#rows.size === header.count ? known : null;
  }
}

const WIDTH = SCALAR_STATS.length;
const FORMAT = 'parascope-statistics-1';

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
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

function partsOf(bytes: Buffer): Parts | null {
  const end = bytes.length - 4;
  if (end < 4 || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return null;
  const headerEnd = 4 + bytes.readUInt32LE(0);
  const header = headerSchema.safeParse(parsedJSON(bytes.toString('utf8', 4, headerEnd)));
  if (!header.success) return null;
  const start = align(headerEnd);
  const keysStart = start + header.data.count * WIDTH * 8;
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
