import type { Worker } from 'node:worker_threads';
import { DeviceLostError, deserializeError, type ParascopeError } from '../errors.ts';
import type { Answers, Op, Query, Reply, Request } from './protocol.ts';

interface Pending {
  readonly resolve: (value: Answers[keyof Answers]) => void;
  readonly reject: (error: ParascopeError) => void;
}

/**
 * The main side of one device worker: starts it at first use, posts in order, matches answers to
 * queries. When the worker dies its generation ends: queries fail, and the next use starts a new one.
 */
export class WorkerChannel {
  readonly #start: () => Worker;
  readonly #onLost: () => void;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #generation = 0;
  #lastQuery = 0;
  #reason = 'it was closed';

  constructor(start: () => Worker, onLost: () => void) {
    this.#start = start;
    this.#onLost = onLost;
  }

  /** Arrays made under an earlier generation are lost. */
  get generation(): number {
    return this.#generation;
  }

  get running(): boolean {
    return this.#worker !== null;
  }

  post(op: Op, transfer: readonly ArrayBuffer[] = []): void {
    const request: Request = { type: 'op', op };
    this.#live().postMessage(request, transfer);
  }

  ask<K extends Query['kind']>(query: Extract<Query, { kind: K }>): Promise<Answers[K]> {
    const worker = this.#live();
    const id = ++this.#lastQuery;
    const request: Request = { type: 'query', id, query };
    // An idle worker must not keep the process alive; one that owes an answer must.
    if (this.#pending.size === 0) worker.ref();
    return new Promise<Answers[K]>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      worker.postMessage(request);
    });
  }

  lostError(): DeviceLostError {
    return new DeviceLostError(
      `The device worker that held this array is gone (${this.#reason}). Load the value again.`,
    );
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#end(worker, 'it was closed');
    await worker.terminate();
  }

  #live(): Worker {
    if (this.#worker) return this.#worker;
    const worker = this.#start();
    worker.unref();
    worker.on('message', (reply: Reply) => this.#settle(worker, reply));
    worker.on('error', (error) => this.#end(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#end(worker, `it exited with code ${code}`));
    this.#worker = worker;
    return worker;
  }

  #settle(worker: Worker, reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending || worker !== this.#worker) return;
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) worker.unref();
    if (reply.ok) pending.resolve(reply.value);
    else pending.reject(deserializeError(reply.error));
  }

  #end(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#generation++;
    this.#reason = reason;
    this.#onLost();
    const error = this.lostError();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
