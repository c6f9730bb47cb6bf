import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { crc32AfterChange } from '../../checkpoint/crc32.ts';
import { type Segment, segmentBytes } from './content.ts';
import type { BytePatch } from './in-place-record.ts';

/** A checksum of a run of the new file, which stands elsewhere in that file. */
export interface Seal {
  readonly kind: 'crc32';
  /** The bytes that it is of. */
  readonly start: number;
  readonly nbytes: number;
  /** Where it stands, little-endian in 4 bytes: a zip archive has it in the local header, or behind the data, and in the directory. */
  readonly at: readonly number[];
  /**
   * What it was of the same bytes of the content's `base`: then only what changed is read. Null where the
   * run is new: then all of it is read once it is written.
   */
  readonly former: number | null;
}

const FIELD_BYTES = 4;
/** Read at once; the checksum of so many bytes takes about a millisecond. */
const PIECE_BYTES = 2 * 1024 * 1024;

/** Bytes that the seals themselves take in the file. */
export function sealBytes(seals: readonly Seal[]): number {
  return seals.reduce((sum, { at }) => sum + at.length * FIELD_BYTES, 0);
}

/** Bytes of a file, by position. */
export interface ByteReader {
  read(position: number, nbytes: number): Promise<Uint8Array>;
}

export interface Sealing {
  /** The file that the new one descends from; null without one. */
  readonly base: ByteReader | null;
  /** The new one, all segments written. */
  readonly written: ByteReader;
  readonly segments: readonly Segment[];
  readonly signal: AbortSignal;
}

/** The fields of `seals` for the file as it now stands. */
export async function sealPatches(seals: readonly Seal[], sealing: Sealing): Promise<BytePatch[]> {
  const changed = changedRuns(sealing.segments);
  const patches: BytePatch[] = [];
  for (const seal of seals) {
    const value =
      seal.former === null || !sealing.base
        ? await wholeChecksum(seal, sealing)
        : await changedChecksum({ ...seal, former: seal.former }, changed, { ...sealing, base: sealing.base });
    const bytes = Buffer.alloc(FIELD_BYTES);
    bytes.writeUInt32LE(value);
    for (const offset of seal.at) patches.push({ offset, bytes });
  }
  return patches;
}

interface Run {
  readonly start: number;
  readonly stop: number;
}

function changedRuns(segments: readonly Segment[]): Run[] {
  return segments
    .map((segment) => ({ start: segment.to, stop: segment.to + segmentBytes(segment) }))
    .toSorted((a, b) => a.start - b.start);
}

async function wholeChecksum({ start, nbytes }: Seal, { written, signal }: Sealing): Promise<number> {
  let value = 0;
  for (const piece of pieces({ start, stop: start + nbytes })) {
    signal.throwIfAborted();
    value = crc32(await written.read(piece.start, piece.stop - piece.start), value);
  }
  return value;
}

async function changedChecksum(
  { start, nbytes, former }: Seal & { readonly former: number },
  changed: readonly Run[],
  { base, written, signal }: Sealing & { readonly base: ByteReader },
): Promise<number> {
  const stop = start + nbytes;
  let value = former;
  for (let i = firstBehind(changed, start); i < changed.length; i++) {
    const run = changed[i];
    if (!run || run.start >= stop) break;
    for (const piece of pieces({ start: Math.max(run.start, start), stop: Math.min(run.stop, stop) })) {
      signal.throwIfAborted();
      const count = piece.stop - piece.start;
      const before = await base.read(piece.start, count);
      const after = await written.read(piece.start, count);
      value = crc32AfterChange(value, { before, after, trailing: stop - piece.stop });
    }
  }
  return value;
}

/** The first run that reaches beyond `position`: an archive of many members has many runs, and as many seals. */
function firstBehind(runs: readonly Run[], position: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.stop ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

function* pieces({ start, stop }: Run): Generator<Run> {
  for (let at = start; at < stop; at += PIECE_BYTES) yield { start: at, stop: Math.min(at + PIECE_BYTES, stop) };
}

/** An open file. */
export function readerOf(handle: FileHandle): ByteReader {
  return {
    read: async (position, nbytes) => {
      const bytes = Buffer.allocUnsafe(nbytes);
      for (let done = 0; done < nbytes; ) {
        const { bytesRead } = await handle.read(bytes, done, nbytes - done, position + done);
        if (bytesRead === 0) throw new TypeError(`The file ends before byte ${position + nbytes}.`);
        done += bytesRead;
      }
      return bytes;
    },
  };
}

/** A file under patches that are not written yet. Each run that is asked for lies within one of them. */
export function patchedReader(patches: readonly BytePatch[]): ByteReader {
  const sorted = patches.toSorted((a, b) => a.offset - b.offset);
  const runs = sorted.map(({ offset, bytes }) => ({ start: offset, stop: offset + bytes.length }));
  return {
    read: async (position, nbytes) => {
      const patch = sorted[firstBehind(runs, position)];
      if (!patch) throw new TypeError(`Nothing is patched at byte ${position}.`);
      return patch.bytes.subarray(position - patch.offset, position - patch.offset + nbytes);
    },
  };
}
