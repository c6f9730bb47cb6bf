import { access, constants, lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileAccessError } from '../errors.ts';
import type { ResolvedFile } from './file-access.ts';

export interface LocatedFile extends ResolvedFile {
  /** What `path` leads to when it is a link; else `path` itself. */
  readonly target: string;
}

/**
 * Makes sure that `path` is an ordinary file: opening a pipe or a device could block for ever.
 * `savable` says whether an atomic save can work there: the file and its folder are writable.
 * Throws `FileAccessError`.
 */
export async function regularFile(path: string): Promise<LocatedFile> {
  const name = basename(path);
  try {
    const located = await locate(path);
    const status = await stat(located.target);
    if (status.isDirectory()) throw new FileAccessError(`${name} is a folder. Choose a file in it.`);
    if (!status.isFile()) throw new FileAccessError(`${name} is not an ordinary file and cannot be opened.`);
    const savable = (await isWritable(located.target)) && (await isWritable(dirname(located.target)));
    return { ...located, name, savable };
  } catch (error) {
    throw asFileAccessError(error, name);
  }
}

/** A path to write to: its folder exists; a file of that name need not, and where it is a link its target is written. */
export async function writableTarget(path: string): Promise<LocatedFile> {
  const name = basename(path);
  try {
    const folder = await realpath(dirname(resolve(path)));
    const fresh = join(folder, name);
    const exists = (await lstat(fresh).catch(nullIfAbsent)) !== null;
    if (!exists) return { path: fresh, target: fresh, name, savable: true };
    // A link that leads nowhere fails here: writing through it would create a file that nobody chose.
    const located = await locate(path);
    if (!(await stat(located.target)).isFile()) {
      throw new FileAccessError(`${name} is not an ordinary file; choose another name.`);
    }
    return { ...located, name, savable: true };
  } catch (error) {
    throw asFileAccessError(error, `The place for ${name}`);
  }
}

/**
 * Resolves the links of the folder but not of the file: Hugging Face's cache links an index to a blob
 * without a name, and the shards lie beside the link.
 */
async function locate(path: string): Promise<{ readonly path: string; readonly target: string }> {
  const absolute = resolve(path);
  const folder = await realpath(dirname(absolute));
  return { path: join(folder, basename(absolute)), target: await realpath(absolute) };
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
