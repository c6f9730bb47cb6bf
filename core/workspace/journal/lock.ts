import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { isAlive, THIS_PROCESS } from '../../process-identity.ts';
import { processIdentitySchema } from '../../process-identity-schema.ts';
import { errnoOf } from '../errno.ts';

/** Held until released or until its process ends, however that happens. */
export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock file at `path`; null where a living process holds it. A dead holder's lock is taken over. */
export async function tryLock(path: string): Promise<Lock | null> {
  const draft = besides(path);
  // A hard link makes the lock appear with its content in one step: no reader ever sees it half written.
  await writeFile(draft, JSON.stringify(THIS_PROCESS), { flag: 'wx', mode: 0o600 });
  try {
    while (!(await linked(draft, path))) {
      const content = await readIfThere(path);
      if (content === null) continue;
      if (isHeld(content)) return null;
      await removeStale(path, content);
    }
  } finally {
    await unlink(draft);
  }
  return { release: () => unlinkIfThere(path) };
}

/** True where a living process holds the lock. */
export async function isLocked(path: string): Promise<boolean> {
  const content = await readIfThere(path);
  return content !== null && isHeld(content);
}

function isHeld(content: string): boolean {
  try {
    return isAlive(processIdentitySchema.parse(JSON.parse(content)));
  } catch {
    return false;
  }
}

/** Two processes may find the same stale lock; the slower must not remove what the faster put there. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = besides(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await linked(aside, path);
  await unlink(aside);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.includes(code)) throw error;
    return await copied(from, to);
  }
}

/** What file systems without hard links (exFAT, some network drives) answer. */
const NO_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

function besides(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
}
