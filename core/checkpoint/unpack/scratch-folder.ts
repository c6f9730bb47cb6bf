import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { FileAccessError, InvalidArgumentError } from '../../errors.ts';
import { isAlive, THIS_PROCESS } from '../../process-identity.ts';

/** `parascope-scratch-HOST-PID-STARTED-RANDOM`: whose it is, so that a later run can tell what was left behind. */
const PREFIX = 'parascope-scratch-';

/** A folder of this process alone, for unpacked values; it goes when the process does, or with the next run after a crash. */
export class ScratchFolder {
  readonly #root: string | null;
  #path: string | null = null;
  readonly #removeAtExit = (): void => this.remove();

  /** `root` is where the folder is made; by default as `scratchRoots` says. */
  constructor(root: string | null) {
    this.#root = root;
  }

  /** Made at the first call. @throws FileAccessError where no folder can be made */
  async path(): Promise<string> {
    if (this.#path !== null) return this.#path;
    const roots = this.#root === null ? scratchRoots() : [this.#root];
    for (const root of roots) {
      const made = await makeIn(root);
      // Two first calls at once make two folders; the second caller goes by the first one's.
      if (made !== null && this.#path !== null) rmSync(made, { recursive: true, force: true });
      if (made !== null && this.#path === null) this.#adopt(made, root);
      if (this.#path !== null) return this.#path;
    }
    throw new FileAccessError(
      'No folder for unpacked tensors can be made. Set PARASCOPE_SCRATCH to a folder that you may write to.',
    );
  }

  /** Bytes that may still be written there. */
  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(await this.path());
    return bavail * bsize;
  }

  remove(): void {
    if (this.#path !== null) rmSync(this.#path, { recursive: true, force: true });
    this.#path = null;
    process.off('exit', this.#removeAtExit);
  }

  #adopt(path: string, root: string): void {
    this.#path = path;
    process.on('exit', this.#removeAtExit);
    removeAbandoned(root);
  }
}

/** `PARASCOPE_SCRATCH` where it is set, else the user's cache folder, else the system's folder for temporary files. */
function scratchRoots(environment: NodeJS.ProcessEnv = process.env): string[] {
  const chosen = environment.PARASCOPE_SCRATCH;
  if (chosen) {
    if (isAbsolute(chosen)) return [chosen];
    throw new InvalidArgumentError(`PARASCOPE_SCRATCH must be an absolute path, not '${chosen}'.`);
  }
  return [join(cacheFolder(environment), 'scratch'), tmpdir()];
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Parascope');
  if (process.platform === 'win32') {
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Parascope', 'Cache');
  }
  const cache = environment.XDG_CACHE_HOME;
  return join(cache && isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'parascope');
}

/** Readable by the user alone; null where it cannot be made. */
async function makeIn(root: string): Promise<string | null> {
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    return mkdtempSync(join(root, `${PREFIX}${hostname()}-${THIS_PROCESS.pid}-${THIS_PROCESS.started ?? 'x'}-`));
  } catch {
    return null;
  }
}

/** Folders of this machine's dead processes. Those of other machines may share a home: they are let alone. */
function removeAbandoned(root: string): void {
  const own = `${PREFIX}${hostname()}-`;
  for (const name of readdirSync(root)) {
    if (!name.startsWith(own)) continue;
    const [, pid, started] = /^(\d+)-(\d+|x)-\w+$/.exec(name.slice(own.length)) ?? [];
    if (!pid || !started || isAlive({ pid: Number(pid), started: started === 'x' ? null : started })) continue;
    try {
      rmSync(join(root, name), { recursive: true, force: true });
    } catch {
      // Another user's, in the system's own folder: theirs to remove.
    }
  }
}
