import { type FileHandle, open, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { WRITE_REASONS } from '../../checkpoint/write-reasons.ts';
import { ParascopeError, SaveFailedError } from '../../errors.ts';
import { errnoOf } from '../errno.ts';

/** What a system error means for a save to `target`; Parascope's own errors stay as they are. */
export function saveError(target: string, error: unknown): unknown {
  if (error instanceof ParascopeError) return error;
  const code = errnoOf(error);
  if (code === null) return error;
  const reason = WRITE_REASONS[code] ?? (error instanceof Error ? error.message : code);
  return new SaveFailedError(`Saving ${basename(target)} failed: ${reason}. The file is as it was.`, {
    file: basename(target),
    cause: code,
  });
}

/** Opens a file that is there to change it. Throws `SaveFailedError` where it is write-protected. */
export async function openForWriting(target: string): Promise<FileHandle> {
  try {
    return await open(target, 'r+');
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'EACCES' && code !== 'EPERM') throw saveError(target, error);
    throw new SaveFailedError(
      `Saving ${basename(target)} failed: the file is write-protected. Allow writing to it, or save under another name.`,
      { file: basename(target), cause: code },
    );
  }
}

/** Throws `SaveFailedError` where the folder of `target` has not `needed` bytes to spare. */
export async function checkFreeSpace(target: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(target));
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new SaveFailedError(
    `Saving ${basename(target)} needs ${needed} bytes, and only ${free} are free on its disk. The file is as it was.`,
    { file: basename(target), needed, free },
  );
}
