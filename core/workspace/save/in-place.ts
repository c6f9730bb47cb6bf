import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { describeDifference, stampOf } from '../../checkpoint/byte-source.ts';
import { FileAccessError, FileChangedError, SaveFailedError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import { isAlive, processIdentitySchema, THIS_PROCESS } from '../../process-identity.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../sync-folder.ts';
import { openForWriting, saveError } from './failure.ts';

/** Old and new bytes are in memory at once, and the old ones are written to disk first. */
export const MAX_IN_PLACE_BYTES = 64 * 1024 * 1024;

export interface BytePatch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const undoSchema = z.object({
  parascopeUndo: z.literal(1),
  writer: processIdentitySchema,
  stamp: z.object({ size: z.number(), mtimeMs: z.number(), ino: z.number() }),
  ranges: z.array(z.object({ offset: z.int().nonnegative(), nbytes: z.int().nonnegative() })),
  /** Of the old bytes that follow the first line. */
  sha256: z.string(),
});

type UndoHeader = z.infer<typeof undoSchema>;

export interface InPlaceSave {
  readonly target: string;
  /** The state that the file must be in. */
  readonly stamp: FileStamp;
  readonly patches: readonly BytePatch[];
  /** Runs when the new bytes are on disk, before the old ones are given up. */
  readonly onPatched: (stamp: FileStamp) => Promise<void>;
}

/**
 * Overwrites parts of the file itself. The old bytes lie in `TARGET.parascope-undo`, on disk, before
 * the first new one is written, so that a kill at any moment can be undone by `rollBackInPlace`.
 */
export async function patchInPlace({ target, stamp, patches, onPatched }: InPlaceSave): Promise<void> {
  const handle = await openForWriting(target);
  try {
    const difference = describeDifference(stamp, await handle.stat());
    if (difference !== null) throw new FileChangedError(`${basename(target)} changed on disk: ${difference}.`);
    const former = await readAll(handle, patches);
    await writeUndo(target, stamp, former);
    await overwrite(handle, { target, stamp, patches, former });
    await onPatched(await stampOf(target));
  } catch (error) {
    throw saveError(target, error);
  } finally {
    await handle.close();
  }
  await removeUndo(target);
}

/**
 * Finishes what a killed in-place save left of `target`: the old bytes come back, and with them the
 * old modification time. Throws `FileAccessError` while another process is saving the file.
 *
 * @returns whether there was anything to finish
 */
export async function rollBackInPlace(target: string): Promise<boolean> {
  const undo = await readUndo(target);
  if (undo === null) return false;
  if (undo !== 'torn') {
    if (isAlive(undo.header.writer)) {
      throw new FileAccessError(
        `${basename(target)} is being saved by process ${undo.header.writer.pid}; try again when that is done.`,
      );
    }
    await restore(target, undo);
  }
  await removeUndo(target);
  return true;
}

interface Undo {
  readonly header: UndoHeader;
  readonly patches: readonly BytePatch[];
}

async function overwrite(
  handle: FileHandle,
  {
    target,
    stamp,
    patches,
    former,
  }: {
    readonly target: string;
    readonly stamp: FileStamp;
    readonly patches: readonly BytePatch[];
    readonly former: readonly BytePatch[];
  },
): Promise<void> {
  try {
    await writeAll(handle, patches);
    await handle.sync();
  } catch (error) {
    try {
      await writeAll(handle, former);
      await handle.sync();
      await utimes(target, new Date(), stamp.mtimeMs / 1000);
    } catch {
      throw new SaveFailedError(
        `Saving ${basename(target)} in place failed half way, and so did undoing it. Its old bytes are in ${basename(undoPath(target))}; opening the file again restores them.`,
      );
    }
    await removeUndo(target);
    throw error;
  }
}

async function writeUndo(target: string, stamp: FileStamp, former: readonly BytePatch[]): Promise<void> {
  const payload = Buffer.concat(former.map(({ bytes }) => bytes));
  const header: UndoHeader = {
    parascopeUndo: 1,
    writer: THIS_PROCESS,
    stamp,
    ranges: former.map(({ offset, bytes }) => ({ offset, nbytes: bytes.length })),
    sha256: createHash('sha256').update(payload).digest('hex'),
  };
  const handle = await open(undoPath(target), 'wx', 0o600);
  try {
    await handle.writeFile(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), payload]));
    await handle.sync();
  } catch (error) {
    await rm(undoPath(target), { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(target));
}

/** `'torn'`: the record is incomplete, so the file had not been touched yet. */
async function readUndo(target: string): Promise<Undo | 'torn' | null> {
  let content: Buffer;
  try {
    content = await readFile(undoPath(target));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  const end = content.indexOf(0x0a);
  const header = end < 0 ? null : parseHeader(content.toString('utf8', 0, end));
  if (!header) return 'torn';
  const payload = content.subarray(end + 1);
  if (createHash('sha256').update(payload).digest('hex') !== header.sha256) return 'torn';
  let at = 0;
  const patches = header.ranges.map(({ offset, nbytes }) => {
    const bytes = payload.subarray(at, at + nbytes);
    at += nbytes;
    return { offset, bytes };
  });
  return { header, patches };
}

function parseHeader(text: string): UndoHeader | null {
  try {
    return undoSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Does nothing where another file has taken the target's place since. */
async function restore(target: string, { header: { stamp }, patches }: Undo): Promise<void> {
  const now = await stat(target);
  if (now.ino !== stamp.ino || now.size !== stamp.size) return;
  const handle = await open(target, 'r+');
  try {
    await writeAll(handle, patches);
    await handle.utimes(new Date(), stamp.mtimeMs / 1000);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeUndo(target: string): Promise<void> {
  await rm(undoPath(target), { force: true });
  await syncFolder(dirname(target));
}

function undoPath(target: string): string {
  return `${target}.parascope-undo`;
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

async function writeAll(handle: FileHandle, patches: readonly BytePatch[]): Promise<void> {
  for (const { offset, bytes } of patches) {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  }
}
