import { basename } from 'node:path';
import { FileAccessError } from '../errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you have no permission to read it',
  EPERM: 'you have no permission to read it',
  ENOTDIR: 'a part of its path is a file, not a folder',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'its name is too long for the file system',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk reported a read error',
  ESTALE: 'the network drive that held it is gone',
};

/** The sentence that an operating system's error stands for. */
export function accessError(path: string, error: unknown): FileAccessError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return cannotOpen(path, { code, reason });
}

export function missingFile(path: string): FileAccessError {
  return cannotOpen(path, { code: 'ENOENT', reason: REASONS.ENOENT ?? '' });
}

function cannotOpen(
  path: string,
  { code, reason }: { readonly code: string; readonly reason: string },
): FileAccessError {
  return new FileAccessError(`Cannot open ${basename(path)}: ${reason}.`, { file: basename(path), cause: code });
}
