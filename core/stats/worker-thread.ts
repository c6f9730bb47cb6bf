import { Worker } from 'node:worker_threads';
import type { Job, Task } from './job.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** Short-lived objects of a worker are few: more room for them would only be filled before it is swept. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 2 };

export interface WorkerThreadEvents {
  receive(thread: WorkerThread, message: FromWorker): void;
  /** It ended, whether it was told to or not. */
  end(thread: WorkerThread): void;
}

/** A worker thread and the tasks that it was given, in the order in which it does them. It does not keep an idle process alive. */
export class WorkerThread {
  readonly tasks: Task[] = [];
  /** What the worker died of. */
  failure: Error | null = null;
  readonly #worker: Worker;
  /** Jobs whose tensors the worker knows. */
  readonly #opened = new Set<Job>();

  constructor(url: URL, events: WorkerThreadEvents) {
    // Flags of the process are not for workers: some, as --input-type, keep them from starting.
    this.#worker = new Worker(url, { execArgv: [], resourceLimits: WORKER_LIMITS });
    this.#worker.on('message', (message: FromWorker) => events.receive(this, message));
    this.#worker.on('error', (error: Error) => {
      this.failure = error;
    });
    this.#worker.on('exit', () => events.end(this));
    this.#worker.unref();
  }

  give(task: Task): void {
    const { id, job, piece } = task;
    this.tasks.push(task);
    this.#worker.ref();
    if (!this.#opened.has(job)) {
      this.#opened.add(job);
      this.#send({ type: 'open', job: job.id, tensors: job.spec.tensors, cancel: job.cancel });
    }
    this.#send({ type: 'run', job: job.id, task: id, piece });
  }

  /** The first of its tasks is done, or failed. */
  finishFirst(): void {
    this.tasks.shift();
    if (this.tasks.length === 0) this.#worker.unref();
  }

  /** The worker need not know the tensors of `job` any longer. */
  forget(job: Job): void {
    if (this.#opened.delete(job)) this.#send({ type: 'close', job: job.id });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
