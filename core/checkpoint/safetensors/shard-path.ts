import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { CheckpointFormatError, UnsafeCheckpointError } from '../../errors.ts';
import { accessError } from '../file-errors.ts';

/** Longer than any file system's names. */
const MAX_NAME = 255;

/** Why a shard's name cannot be accepted from an index; null where it is a plain file name. */
export function unsafeShardName(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return 'it is no file name';
  if (/[/\\]/.test(name)) return 'it names a place outside the folder of the index, or a folder in it';
  if (name.includes('\0')) return 'it holds a NUL character';
  if (name.length > MAX_NAME) return `it is longer than ${MAX_NAME} characters`;
  return null;
}

/**
 * The path of a shard beside its index. A link may lead to the folder of the index or to the one that
 * holds what the index itself links to, as in the cache of Hugging Face's hub, and nowhere else.
 *
 * @throws UnsafeCheckpointError where the name or a link leaves the folder.
 * @throws CheckpointFormatError where the shard is missing.
 */
export async function resolveShard(indexPath: string, shard: string, { list = 'weight_map' } = {}): Promise<string> {
  const reason = unsafeShardName(shard);
  const file = basename(indexPath);
  const shown = JSON.stringify(shard.length > 200 ? `${shard.slice(0, 200)}…` : shard);
  if (reason !== null) {
    throw new UnsafeCheckpointError(`${file}: ${list} names the shard ${shown}; ${reason}. Nothing was opened.`, {
      file,
    });
  }
  const path = join(dirname(indexPath), shard);
  const target = await realpathOfShard(path, { file, shown });
  const allowed = await Promise.all([realpath(dirname(indexPath)), realpath(indexPath).then(dirname)]);
  if (!allowed.some((folder) => isInside(folder, target))) {
    throw new UnsafeCheckpointError(
      `${file}: the shard ${shown} is a link that leads outside the folder of the index. It was not opened.`,
      { file },
    );
  }
  return path;
}

function isInside(folder: string, target: string): boolean {
  const way = relative(folder, target);
  return !isAbsolute(way) && way.split(sep)[0] !== '..';
}

async function realpathOfShard(path: string, { file, shown }: { file: string; shown: string }): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new CheckpointFormatError(
        `${file}: the shard ${shown} is missing from the folder. Put it beside the index, or open the other shards one by one.`,
        { file },
      );
    }
    throw accessError(path, error);
  }
}
