import { CancelledError, deserializeError, InvalidStateError } from '../errors.ts';
import { Job, type JobSpec, type Task } from './job.ts';
import type { FromWorker, PieceKind, PieceOf, PieceResults } from './messages.ts';
import { isBrief } from './pieces.ts';
import { Scheduler } from './scheduler.ts';
import { WorkerThread } from './worker-thread.ts';

/** A piece is done again once when its worker dies; two deaths are no accident. */
const MAX_DEATHS = 2;

/** A brief piece waits at its worker while the one before it runs, so that the worker need not wait for us in between. */
const MOST_GIVEN = 2;

/** Worker threads that run the pieces of jobs. They start when needed. */
export class WorkerPool {
  readonly #threads: WorkerThread[] = [];
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

  /** Starts all threads now, for work that is about to come. */
  start(): void {
    while (this.#threads.length < this.#limit) this.#spawn();
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
    for (const job of new Set([...this.#scheduler.jobs(), ...this.#given().map((task) => task.job)])) {
      this.#cancel(job, new CancelledError('The tensor engine was closed.'));
    }
    await Promise.all(this.#threads.splice(0).map((thread) => thread.terminate()));
  }

  #cancel(job: Job, error: CancelledError): void {
    Atomics.store(job.cancel, 0, 1);
    const given = this.#given().filter((task) => task.job === job);
    for (const task of [...this.#scheduler.drop(job), ...given]) task.reject(error);
  }

  #closeJob(job: Job): void {
    for (const thread of this.#threads) thread.forget(job);
  }

  #given(): Task[] {
    return this.#threads.flatMap((thread) => thread.tasks);
  }

  #pump(): void {
    while (!this.#closed) {
      const idle = this.#threads.find((thread) => thread.tasks.length === 0);
      const room = this.#threads.length < this.#limit;
      const task = idle || room ? this.#scheduler.next(this.#given()) : undefined;
      if (task === undefined) break;
      (idle ?? this.#spawn()).give(task);
    }
    this.#queueBrief();
  }

  /** Gives busy workers what they do next. */
  #queueBrief(): void {
    for (const thread of this.#threads) {
      if (this.#closed || thread.tasks.length === 0 || thread.tasks.length >= MOST_GIVEN) continue;
      if (!thread.tasks.every(({ piece }) => isBrief(piece))) continue;
      const task = this.#scheduler.next(this.#given(), ({ piece }) => isBrief(piece));
      if (task === undefined) return;
      thread.give(task);
    }
  }

  #spawn(): WorkerThread {
    const thread = new WorkerThread(this.#workerUrl, {
      receive: (from, message) => this.#receive(from, message),
      end: (from) => this.#bury(from),
    });
    this.#threads.push(thread);
    return thread;
  }

  #receive(thread: WorkerThread, message: FromWorker): void {
    const [task] = thread.tasks;
    if (task === undefined || message.task !== task.id) return;
    if (message.type !== 'failed') task.job.advance(task, message.bytes);
    if (message.type === 'progress') return;
    thread.finishFirst();
    // A job that failed or was cancelled meanwhile is closed; its running piece learns of it only now.
    if (message.type === 'done') task.resolve(message.result);
    else task.reject(deserializeError(message.error));
    this.#pump();
  }

  /** A worker ended by itself: out of memory, or a bug. Its piece gets a second chance on a fresh one. */
  #bury(thread: WorkerThread): void {
    const index = this.#threads.indexOf(thread);
    if (index >= 0) this.#threads.splice(index, 1);
    const [running, ...waiting] = thread.tasks.splice(0);
    if (running === undefined || this.#closed) return;
    for (const task of waiting.reverse()) this.#doAgain(task);
    running.deaths += 1;
    running.job.takeBack(running);
    if (running.deaths < MAX_DEATHS) this.#doAgain(running);
    else running.reject(stopped(running, thread.failure));
    this.#pump();
  }

  #doAgain(task: Task): void {
    if (Atomics.load(task.job.cancel, 0) !== 0) task.reject(new CancelledError());
    else this.#scheduler.addAgain(task);
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
