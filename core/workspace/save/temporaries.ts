import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '../../process-identity.ts';
import { errnoOf } from '../errno.ts';

/** Names of this process's unfinished files. Those of an earlier process with the same number are not among them. */
const own = new Set<string>();

/** `.NAME.parascope-PID-RANDOM.tmp`: hidden, beside the target, and telling who writes it. */
export function temporaryName(target: string, random: string): string {
  const name = `.${target}.parascope-${process.pid}-${random}.tmp`;
  own.add(name);
  return name;
}

export function forgetTemporary(path: string): void {
  own.delete(basename(path));
}

/** Removes what dead processes left beside `target`; `keep` names files that a commit still needs. */
export async function removeStaleTemporaries(target: string, keep: ReadonlySet<string> = new Set()): Promise<void> {
  const folder = dirname(target);
  const prefix = `.${basename(target)}.parascope-`;
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]+\.tmp$/.exec(name.slice(prefix.length))?.[1];
    if (pid === undefined || own.has(name) || keep.has(join(folder, name))) continue;
    const writer = Number(pid);
    if (writer !== process.pid && isAlive({ pid: writer, started: null })) continue;
    await removeIfAllowed(join(folder, name));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
}

/** Opening a file in a folder that is read-only must not fail over what lies beside it. */
async function removeIfAllowed(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '')) throw error;
  }
}
