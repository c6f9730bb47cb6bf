import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Handover {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly data: unknown;
}

/**
 * The single-instance lock among real processes: a file with the holder's number, and a folder in which
 * a second start leaves what it hands over. Synchronous, as Electron's is.
 */
export function requestLock(folder: string, data: unknown, onSecond: (handover: Handover) => void): boolean {
  const inbox = join(folder, 'handovers');
  mkdirSync(inbox, { recursive: true });
  const lock = join(folder, 'SingletonLock');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isAlive(Number(readFileSync(lock, 'utf8')))) {
      leave(inbox, { argv: process.argv, cwd: process.cwd(), data });
      return false;
    }
    rmSync(lock, { force: true });
  }
  process.once('exit', () => rmSync(lock, { force: true }));
  const take = (): void => {
    for (const name of readdirSync(inbox).filter((file) => file.endsWith('.json'))) {
      const path = join(inbox, name);
      const handover = JSON.parse(readFileSync(path, 'utf8')) as Handover;
      rmSync(path);
      onSecond(handover);
    }
  };
  watch(inbox, take).unref();
  return true;
}

function leave(inbox: string, handover: Handover): void {
  const path = join(inbox, `${process.pid}-${Date.now()}`);
  writeFileSync(path, JSON.stringify(handover));
  renameSync(path, `${path}.json`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
