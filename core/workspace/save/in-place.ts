import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeDifference } from '../../checkpoint/byte-source.ts';
import { FileAccessError, FileChangedError, SaveFailedError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import { isAlive } from '../../process-identity.ts';
import { errnoOf } from '../errno.ts';
import { checkFreeSpace, openForWriting, saveError } from './failure.ts';
import {
  type BytePatch,
  type InPlaceRecord,
  readRecord,
  recordBytes,
  recordPath,
  removeRecord,
  writeRecord,
} from './in-place-record.ts';

/** Old and new bytes are in memory at once, and both are written to disk first. */
export const MAX_IN_PLACE_BYTES = 64 * 1024 * 1024;

/** Compared at once. */
const RUN_BYTES = 64 * 1024;

export interface InPlaceSave {
  readonly target: string;
  /** The state that the file must be in. */
  readonly stamp: FileStamp;
  readonly patches: readonly BytePatch[];
  /** Learns the state that the file will have, before anything is written; may throw. */
  readonly announce: (stamp: FileStamp) => Promise<void>;
}

/**
 * Overwrites parts of the file itself. Old and new bytes lie in a record beside it, on disk, before the
 * first one is written, so that `finishInPlace` can go on from a kill at any moment.
 */
export async function patchInPlace({ target, stamp, patches, announce }: InPlaceSave): Promise<void> {
  const handle = await openForWriting(target);
  try {
    const difference = describeDifference(stamp, await handle.stat());
    if (difference !== null) throw new FileChangedError(`${basename(target)} changed on disk: ${difference}.`);
    const former = await readAll(handle, patches);
    await checkFreeSpace(target, recordBytes(patches.reduce((sum, { bytes }) => sum + bytes.length, 0)));
    // Known before the first byte is written: a save that somebody else finishes ends in the same state.
    const mtimeMs = Math.max(Date.now(), Math.floor(stamp.mtimeMs) + 1);
    await announce({ ...stamp, mtimeMs });
    await writeRecord(target, { stamp, former, patches, mtimeMs });
    await overwrite(handle, { target, stamp, former, next: { patches, mtimeMs } });
  } catch (error) {
    throw saveError(target, error);
  } finally {
    await handle.close();
  }
  await removeRecord(target);
}

/** What became of an in-place save that was killed. */
export type Finished =
  /** There was none. */
  | 'nothing'
  /** The new bytes are in the file. */
  | 'done'
  /** The old bytes are in the file. */
  | 'undone'
  /** Somebody else changed the file since: it was left alone. */
  | 'left';

/**
 * Finishes what a killed in-place save left of `target`: where the record holds the new bytes they go into
 * the file; where only the old ones are whole those come back, and with them the old modification time.
 * Throws `FileAccessError` while another process is saving the file.
 */
export async function finishInPlace(target: string): Promise<Finished> {
  const record = await readRecord(target);
  if (record === null) return 'nothing';
  if (record !== 'torn' && isAlive(record.writer)) {
    throw new FileAccessError(
      `${basename(target)} is being saved by process ${record.writer.pid}; try again when that is done.`,
    );
  }
  const finished = record === 'torn' ? 'undone' : await goOn(target, record);
  await removeRecord(target);
  return finished;
}

/** What `finishInPlace` did, as a sentence; null where it did nothing. */
export function finishedSentence(target: string, finished: Finished): string | null {
  const name = basename(target);
  switch (finished) {
    case 'nothing':
      return null;
    case 'done':
      return `A save of ${name} in place had been interrupted; it is finished now, and the file holds what was saved.`;
    case 'undone':
      return `A save of ${name} in place had been interrupted; the file is as it was before that save.`;
    case 'left':
      return `A save of ${name} in place had been interrupted, and another program changed the file since: it was left as it is.`;
  }
}

async function goOn(target: string, { stamp, former, next }: InPlaceRecord): Promise<Finished> {
  let handle: FileHandle;
  try {
    handle = await open(target, 'r+');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'left';
    throw saveError(target, error);
  }
  try {
    const { ino, size } = await handle.stat();
    if (ino !== stamp.ino || size !== stamp.size) return 'left';
    if (former && next && !(await isBetween(handle, former, next.patches))) return 'left';
    if (next) await write(handle, next);
    else if (former) await write(handle, { patches: former, mtimeMs: stamp.mtimeMs });
    return next ? 'done' : 'undone';
  } finally {
    await handle.close();
  }
}

interface Overwriting extends Pick<InPlaceRecord, 'stamp'> {
  readonly target: string;
  readonly former: readonly BytePatch[];
  readonly next: Written;
}

/** The bytes of a state of the file, and its time. */
interface Written {
  readonly patches: readonly BytePatch[];
  readonly mtimeMs: number;
}

async function overwrite(handle: FileHandle, { target, stamp, former, next }: Overwriting): Promise<void> {
  try {
    await write(handle, next);
  } catch (error) {
    try {
      await write(handle, { patches: former, mtimeMs: stamp.mtimeMs });
    } catch {
      throw new SaveFailedError(
        `Saving ${basename(target)} in place failed half way, and so did undoing it. Its old and new bytes are in ${basename(recordPath(target))}; opening the file again finishes the save.`,
      );
    }
    await removeRecord(target);
    throw error;
  }
}

async function write(handle: FileHandle, { patches, mtimeMs }: Written): Promise<void> {
  for (const { offset, bytes } of patches) {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  }
  await handle.utimes(new Date(), mtimeMs / 1000);
  await handle.sync();
}

async function readAll(handle: FileHandle, patches: readonly BytePatch[]): Promise<BytePatch[]> {
  const former: BytePatch[] = [];
  for (const { offset, bytes } of patches) {
    const old = Buffer.alloc(bytes.length);
    const { bytesRead } = await handle.read(old, 0, old.length, offset);
    if (bytesRead !== old.length) throw new FileChangedError('The file is shorter than it was when it was opened.');
    former.push({ offset, bytes: old });
  }
  return former;
}

/** Whether each byte is an old or a new one: a save was under way, and nobody else wrote there. */
async function isBetween(
  handle: FileHandle,
  former: readonly BytePatch[],
  next: readonly BytePatch[],
): Promise<boolean> {
  const now = await readAll(handle, next);
  return now.every(({ bytes }, i) => {
    const [old, fresh] = [former[i]?.bytes, next[i]?.bytes];
    return old !== undefined && fresh !== undefined && isMixed(bytes, old, fresh);
  });
}

/** Compared as runs first: of a save that was cut short most of the bytes are all old or all new. */
function isMixed(bytes: Uint8Array, old: Uint8Array, fresh: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += RUN_BYTES) {
    const run = bytes.subarray(at, at + RUN_BYTES);
    const [before, after] = [old.subarray(at, at + RUN_BYTES), fresh.subarray(at, at + RUN_BYTES)];
    const isWhole = Buffer.compare(run, before) === 0 || Buffer.compare(run, after) === 0;
    if (!isWhole && !run.every((byte, i) => byte === before[i] || byte === after[i])) return false;
  }
  return true;
}
