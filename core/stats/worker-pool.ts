import { Worker } from 'node:worker_threads';
import { CancelledError, deserializeError, InvalidStateError } from '../errors.ts';
import { Job, type JobSpec, type Task } from './job.ts';
import type { FromWorker, PieceKind, PieceOf, PieceResults, ToWorker } from './messages.ts';
import { Scheduler } from './scheduler.ts';

/** A piece is done again once when its worker dies; two deaths are no accident. */
const MAX_DEATHS = 2;

/** Short-lived objects of a worker are few: more room for them would only be filled before it is swept. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 2 };

interface Thread {
  readonly worker: Worker;
  /** Jobs whose tensors the worker knows. */
  readonly opened: Set<Job>;
  task: Task | null;
  /** What the worker died of. */
  failure: Error | null;
}

/** Worker threads that run the pieces of jobs. They start when needed and do not keep an idle process alive. */
export class WorkerPool {
  readonly #threads: Thread[] = [];
  readonly #limit: number;
  readonly #workerUrl: URL;
  readonly #scheduler: Scheduler;
  #lastTask = 0;
  #closed = false;

  constructor(threads: number, workerUrl: URL) {
    this.#limit = threads;
    this.#workerUrl = workerUrl;
    this.#scheduler = new Scheduler(threads);
  }

  /** Opens a job, lets `work` run its pieces, and closes it whatever happens. */
  async withJob<T>(spec: JobSpec, work: (job: Job) => Promise<T>): Promise<T> {
    const job = new Job(spec);
    const cancel = (): void => this.#cancel(job, new CancelledError());
    spec.signal?.addEventListener('abort', cancel, { once: true });
    try {
      job.throwIfCancelled();
      const result = await work(job);
      job.throwIfCancelled();
      job.finish();
      return result;
    } catch (error) {
      // One piece failed: what the others would find out is of no use.
      this.#cancel(job, new CancelledError());
      throw error;
    } finally {
      spec.signal?.removeEventListener('abort', cancel);
      this.#closeJob(job);
    }
  }

  /** Runs pieces of one kind and returns their results in the same order. */
  async run<K extends PieceKind>(job: Job, pieces: readonly PieceOf<K>[], share = 1): Promise<PieceResults[K][]> {
    const results: PieceResults[K][] = [];
    await this.fold<K>(job, { pieces, share }, (result, index) => {
      results[index] = result;
    });
    return results;
  }

  /**
   * Runs pieces of one kind and hands each result over as it comes, once, in no order: what `take` does not keep is
   * gone.
   */
  async fold<K extends PieceKind>(
    job: Job,
    { pieces, share = 1 }: { readonly pieces: readonly PieceOf<K>[]; readonly share?: number },
    take: (result: PieceResults[K], index: number) => void,
  ): Promise<void> {
    const done = pieces.map((piece, index) => this.#submit<K>(job, piece, share).then((result) => take(result, index)));
    this.#pump();
    await Promise.all(done);
  }

  #submit<K extends PieceKind>(job: Job, piece: PieceOf<K>, share: number): Promise<PieceResults[K]> {
    return new Promise<PieceResults[K]>((resolve, reject) => {
      if (this.#closed) {
        reject(new InvalidStateError('The tensor engine was closed.'));
        return;
      }
      this.#lastTask += 1;
      const settle = resolve as Task['resolve'];
      const counters = { deaths: 0, reported: 0 };
      this.#scheduler.add({ id: this.#lastTask, job, piece, share, resolve: settle, reject, ...counters });
    });
  }

  async runOne<K extends PieceKind>(job: Job, piece: PieceOf<K>): Promise<PieceResults[K]> {
    const [result] = await this.run<K>(job, [piece]);
    if (result === undefined) throw new InvalidStateError(`The ${piece.kind} came back without a result.`);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = this.#threads.flatMap((thread) => (thread.task === null ? [] : [thread.task.job]));
    for (const job of new Set([...this.#scheduler.jobs(), ...running])) {
      this.#cancel(job, new CancelledError('The tensor engine was closed.'));
    }
    await Promise.all(this.#threads.splice(0).map((thread) => thread.worker.terminate()));
  }

  #cancel(job: Job, error: CancelledError): void {
    Atomics.store(job.cancel, 0, 1);
    const running = this.#threads.flatMap((thread) => (thread.task?.job === job ? [thread.task] : []));
    for (const task of [...this.#scheduler.drop(job), ...running]) task.reject(error);
  }

  #closeJob(job: Job): void {
    for (const thread of this.#threads) {
      if (thread.opened.delete(job)) this.#send(thread, { type: 'close', job: job.id });
    }
  }

  #pump(): void {
    while (!this.#closed) {
      const running = this.#threads.flatMap((thread) => (thread.task === null ? [] : [thread.task]));
      if (running.length >= this.#limit) return;
      const task = this.#scheduler.next(running);
      if (task === undefined) return;
      this.#dispatch(this.#threads.find((thread) => thread.task === null) ?? this.#spawn(), task);
    }
  }

  #dispatch(thread: Thread, task: Task): void {
    const { job } = task;
    thread.task = task;
    thread.worker.ref();
    if (!thread.opened.has(job)) {
      thread.opened.add(job);
      this.#send(thread, { type: 'open', job: job.id, tensors: job.spec.tensors, cancel: job.cancel });
    }
    this.#send(thread, { type: 'run', job: job.id, task: task.id, piece: task.piece });
  }

  #send(thread: Thread, message: ToWorker): void {
    thread.worker.postMessage(message);
  }

  #spawn(): Thread {
    // Flags of the process are not for workers: some, as --input-type, keep them from starting.
    const worker = new Worker(this.#workerUrl, { execArgv: [], resourceLimits: WORKER_LIMITS });
    const thread: Thread = { worker, opened: new Set(), task: null, failure: null };
    worker.on('message', (message: FromWorker) => this.#receive(thread, message));
    worker.on('error', (error: Error) => {
      thread.failure = error;
    });
    worker.on('exit', () => this.#bury(thread));
    this.#threads.push(thread);
    return thread;
  }

  #receive(thread: Thread, message: FromWorker): void {
    const { task } = thread;
    if (task === null || message.task !== task.id) return;
    if (message.type !== 'failed') task.job.advance(task, message.bytes);
    if (message.type === 'progress') return;
    thread.task = null;
    thread.worker.unref();
    // A job that failed or was cancelled meanwhile is closed; its running piece learns of it only now.
    if (message.type === 'done') task.resolve(message.result);
    else task.reject(deserializeError(message.error));
    this.#pump();
  }

  /** A worker ended by itself: out of memory, or a bug. Its piece gets a second chance on a fresh one. */
  #bury(thread: Thread): void {
    const index = this.#threads.indexOf(thread);
    if (index >= 0) this.#threads.splice(index, 1);
    const { task } = thread;
    thread.task = null;
    if (task === null || this.#closed) return;
    task.deaths += 1;
    task.job.takeBack(task);
    if (Atomics.load(task.job.cancel, 0) !== 0) task.reject(new CancelledError());
    else if (task.deaths < MAX_DEATHS) this.#scheduler.addAgain(task);
    else task.reject(stopped(task, thread.failure));
    this.#pump();
  }
}

function stopped({ job, piece }: Task, failure: Error | null): InvalidStateError {
  const why = failure === null ? 'it ended without an error' : failure.message;
  const shape = job.spec.tensors.map((tensor) => `${tensor.dtype} (${tensor.shape.join(', ')})`).join(' and ');
  return new InvalidStateError(
    `The worker thread stopped twice over the ${piece.kind} of a tensor ${shape}: ${why}. ` +
      'Other tensors are not affected; please report this with the file.',
    { piece: piece.kind, reason: why },
  );
}
