import { Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import { constants, crc32, createGunzip, createInflate, createInflateRaw, inflateRaw } from 'node:zlib';
import { CheckpointFormatError } from '../errors.ts';
import { CHUNK_BYTES } from '../ndarray/array-file.ts';
import type { Compression } from './unpack/stored-bytes.ts';

/** Deflate cannot do better (https://zlib.net/zlib_tech.html): whoever announces more lies. */
export const MAX_DEFLATE_RATIO = 1032;

export interface InflateSpec {
  readonly compression: Compression;
  /** Of the inflated stream. */
  readonly length: number;
  /** Of the inflated stream, where there is one to check. */
  readonly crc32: number | null;
  /** For messages, as their subject. */
  readonly name: string;
  /** The file, without its folder, and where in it the stream begins. */
  readonly file: string;
  readonly offset: number;
}

/**
 * A stored stream as it was before it was compressed, in pieces of at most 8 MiB. Never gives more than
 * `length` bytes, whatever the stream holds.
 *
 * @throws CheckpointFormatError where it cannot be inflated, is of another length or fails its checksum.
 */
export async function* inflatedPieces(
  stored: AsyncIterable<Uint8Array>,
  spec: InflateSpec,
): AsyncGenerator<Uint8Array> {
  const { compression, length } = spec;
  let [done, sum] = [0, 0];
  try {
    for await (const piece of compression === 'none' ? stored : inflated(stored, inflaterOf(compression))) {
      done += piece.length;
      if (done > length) return fail(spec, `unpacks to more than the ${length} bytes that were announced`);
      if (spec.crc32 !== null) sum = crc32(piece, sum);
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && /^(Z_|ERR_TRAILING)/.test(String(error.code)))) throw error;
    return fail(spec, `cannot be unpacked: ${error.message}`);
  }
  if (done !== length) return fail(spec, `unpacks to ${done} bytes, not to ${length}`);
  if (spec.crc32 !== null && sum !== spec.crc32) return fail(spec, 'is damaged: its checksum is wrong');
}

const inflateSome = promisify(inflateRaw);

/** What the first bytes of a deflate stream unpack to, however the stream goes on; rejects with zlib's error. */
export function inflateStart(stored: Uint8Array, nbytes: number): Promise<Buffer> {
  // Deflate grows no more than this, so the bytes that are there cannot fill memory.
  const maxOutputLength = stored.length * MAX_DEFLATE_RATIO + nbytes;
  return inflateSome(stored, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength });
}

function inflaterOf(compression: Exclude<Compression, 'none'>): Transform {
  // Larger pieces than zlib's own of 16 KiB: each is a round trip to its thread.
  const options = { chunkSize: Math.min(CHUNK_BYTES, 256 * 1024) };
  switch (compression) {
    case 'deflate':
      return createInflateRaw(options);
    case 'zlib':
      return createInflate(options);
    case 'gzip':
      return createGunzip(options);
  }
}

async function* inflated(stored: AsyncIterable<Uint8Array>, inflater: Transform): AsyncGenerator<Uint8Array> {
  const input = Readable.from(stored);
  input.on('error', (error) => inflater.destroy(error));
  input.pipe(inflater);
  try {
    for await (const piece of inflater) yield piece as Uint8Array;
  } finally {
    input.destroy();
    inflater.destroy();
  }
}

function fail({ name, file, offset }: InflateSpec, problem: string): never {
  throw new CheckpointFormatError(`${name} ${problem} (byte ${offset} of the file).`, { file, offset });
}
