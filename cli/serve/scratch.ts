import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** With the machine's name, since containers may share a folder but not their process ids. */
const PREFIX = `parascope-serve-${hostname()}-`;
/** Left free on the disk, so that a full upload does not starve the rest of the machine. */
const HEADROOM_BYTES = 64 * 2 ** 20;

export interface Scratch {
  readonly directory: string;
  /** Bytes that may still be written there. */
  available(): Promise<number>;
  remove(): Promise<void>;
}

/**
 * A folder of this process for uploads and downloads, open to this user alone and removed with the
 * process. What a killed process left behind is removed by the next one.
 */
export async function createScratch(parent = tmpdir()): Promise<Scratch> {
  await removeAbandoned(parent);
  const directory = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
  const removeAtExit = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  return {
    directory,
    async available() {
      const { bavail, bsize } = await statfs(directory);
      return Math.max(0, bavail * bsize - HEADROOM_BYTES);
    },
    async remove() {
      process.off('exit', removeAtExit);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const folder = join(parent, name);
    const status = await stat(folder).catch(() => null);
    if (status?.uid === process.getuid?.()) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
