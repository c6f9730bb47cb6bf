import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One `parascope serve` as a user starts it, with a home, a state folder and a root of its own. */
export class ServeProcess {
  readonly home: string;
  /** The folder that the pages may see. */
  readonly root: string;
  #child: ChildProcess | undefined;
  #url = '';
  #stderr = '';

  constructor(home = mkdtempSync(join(tmpdir(), 'parascope-e2e-'))) {
    this.home = home;
    this.root = join(home, 'models');
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What the process said on stderr so far. */
  get stderr(): string {
    return this.#stderr;
  }

  async start(...files: string[]): Promise<void> {
    const child = spawn(process.execPath, ['dist/cli/parascope.js', 'serve', '--json', '--root', this.root, ...files], {
      env: { ...process.env, HOME: this.home, PARASCOPE_STATE: join(this.home, 'state') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => String(text)),
      once(child, 'exit').then(([code]) =>
        Promise.reject(new Error(`serve ended with status ${code}: ${this.#stderr}`)),
      ),
    ]);
    this.#url = (JSON.parse(line) as { url: string }).url;
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }
}
