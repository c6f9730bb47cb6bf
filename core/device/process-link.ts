import { type ChildProcess, fork } from 'node:child_process';
import type { FromWorker, ToWorker } from './protocol.ts';
import type { LinkHandlers, WorkerLink } from './worker-link.ts';

/** Messages are copied through a pipe: pieces of this size keep both sides responsive. */
const PIECE_BYTES = 2 ** 20;

/** Of what the process writes to stderr, the last of it is kept to say why it ended. */
const KEPT_ERROR_CHARACTERS = 2000;

/** A process that is asked to end and does not is killed after this time. */
const PATIENCE_MS = 2000;

/** A device worker in a process of its own, started with `fork` and `serialization: 'advanced'`. */
export class ProcessLink implements WorkerLink {
  readonly maxPieceBytes = PIECE_BYTES;
  readonly #child: ChildProcess;
  #isOver = false;
  #errors = '';
  /** Who is told that it is gone. */
  readonly #waiting: (() => void)[] = [];

  /** The child needs a stderr that is piped. */
  constructor(child: ChildProcess) {
    this.#child = child;
  }

  listen({ onMessage, onEnd }: LinkHandlers): void {
    const child = this.#child;
    const end = (reason: string) => {
      if (this.#isOver) return;
      this.#isOver = true;
      onEnd(reason);
      for (const resolve of this.#waiting) resolve();
    };
    this.unref();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERROR_CHARACTERS);
    });
    child.on('message', (message) => {
      if (!this.#isOver) onMessage(message as FromWorker);
    });
    child.on('error', (error) => end(`its process failed: ${error.message}`));
    child.on('exit', (code, signal) => {
      const tell = () => end(`${endOf(code, signal)}${this.#lastWords()}`);
      // What it wrote last may still be on its way.
      if (!child.stderr || child.stderr.closed) tell();
      else child.stderr.once('close', tell);
    });
  }

  post(message: ToWorker): void {
    // What cannot be delivered is lost with the process, whose end is told.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  ref(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  unref(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    const { stderr } = this.#child;
    if (stderr && 'unref' in stderr && typeof stderr.unref === 'function') stderr.unref();
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (this.#isOver) return;
    const ended = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.ref();
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  }

  #lastWords(): string {
    const line = this.#errors.trim().split('\n').at(-1);
    return line ? `: ${line}` : '';
  }
}

/** The process that serves every `gpu(i)` in Node. */
export function startGpuProcess(env: NodeJS.ProcessEnv = process.env): ProcessLink {
  const module = new URL('./gpu.process.js', import.meta.url);
  return new ProcessLink(
    fork(module, { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env }),
  );
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `its process was ended by ${signal}` : `its process exited with code ${code}`;
}
