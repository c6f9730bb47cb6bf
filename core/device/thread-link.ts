import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './protocol.ts';
import type { LinkHandlers, WorkerLink } from './worker-link.ts';

/** A device worker in a thread of this process: buffers are moved to it. */
export class ThreadLink implements WorkerLink {
  readonly maxPieceBytes = Number.POSITIVE_INFINITY;
  readonly #worker: Worker;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  listen({ onMessage, onEnd }: LinkHandlers): void {
    const worker = this.#worker;
    let isOver = false;
    const end = (reason: string) => {
      if (!isOver) onEnd(reason);
      isOver = true;
    };
    worker.unref();
    worker.on('message', (message: FromWorker) => {
      if (!isOver) onMessage(message);
    });
    worker.on('error', (error) => end(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => end(`it exited with code ${code}`));
  }

  post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  ref(): void {
    this.#worker.ref();
  }

  unref(): void {
    this.#worker.unref();
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** The thread that serves every `cpu(i)`. */
export function startCpuThread(): ThreadLink {
  return new ThreadLink(
    new Worker(new URL('./cpu.worker.js', import.meta.url), { name: 'parascope-cpu', execArgv: [] }),
  );
}
