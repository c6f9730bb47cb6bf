import { access, constants, lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileAccessError } from '../errors.ts';
import type { ResolvedFile } from './file-access.ts';

/**
 * Resolves links and makes sure that `path` is an ordinary file: opening a pipe or a device could
 * block for ever. `savable` says whether an atomic save can work there: the file and its folder are
 * writable. Throws `FileAccessError`.
 */
export async function regularFile(path: string): Promise<ResolvedFile> {
  const name = basename(path);
  try {
    const real = await realpath(resolve(path));
    const status = await stat(real);
    if (status.isDirectory()) throw new FileAccessError(`${name} is a folder. Choose a file in it.`);
    if (!status.isFile()) throw new FileAccessError(`${name} is not an ordinary file and cannot be opened.`);
    return { path: real, name, savable: (await isWritable(real)) && (await isWritable(dirname(real))) };
  } catch (error) {
    throw asFileAccessError(error, name);
  }
}

/** A path to write to: the folder is resolved and exists; a file of that name may exist, and its links are followed. */
export async function writableTarget(path: string): Promise<ResolvedFile> {
  const name = basename(path);
  try {
    const folder = await realpath(dirname(resolve(path)));
    const target = join(folder, name);
    const exists = (await lstat(target).catch(nullIfAbsent)) !== null;
    if (!exists) return { path: target, name, savable: true };
    // A link that leads nowhere fails here: writing through it would create a file that nobody chose.
    const real = await realpath(target);
    if (!(await stat(real)).isFile()) {
      throw new FileAccessError(`${name} is not an ordinary file; choose another name.`);
    }
    return { path: real, name, savable: true };
  } catch (error) {
    throw asFileAccessError(error, `The place for ${name}`);
  }
}

/** Names the reason of a failed file operation in a sentence. */
export function asFileAccessError(error: unknown, subject: string): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
      return new FileAccessError(`${subject} does not exist. It may have been moved or deleted.`);
    case 'EACCES':
    case 'EPERM':
      return new FileAccessError(`${subject} cannot be reached: permission denied.`);
    case 'ELOOP':
      return new FileAccessError(`${subject} cannot be reached: its links lead in a circle.`);
    case 'ENOTDIR':
      return new FileAccessError(`${subject} cannot be reached: a part of its path is not a folder.`);
    case 'ENAMETOOLONG':
      return new FileAccessError(`${subject} has too long a name.`);
    default:
      return error;
  }
}

export function nullIfAbsent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
