import { setMaxListeners } from 'node:events';
import { CancelledError, NotFoundError } from '../errors.ts';
import type { Workspace } from './contract.ts';
import type { Task, TaskState } from './summary.ts';

/** Work that ends sooner is never mentioned. */
const ANNOUNCE_AFTER_MS = 250;
/** At most ten events a second and task. */
const EVENT_INTERVAL_MS = 100;
/** Finished tasks are kept this long back, so that a page that connects late sees how they ended. */
const FINISHED_KEPT = 20;

type RunTask = Workspace['runTask'];

interface Running {
  task: Task;
  announced: boolean;
  reportedAt: number;
  readonly abort: AbortController;
}

/** Long work with progress and cancel. */
export class TaskBoard {
  readonly #running = new Map<string, Running>();
  #finished: Task[] = [];
  #count = 0;
  readonly #emit: (task: Task) => void;

  constructor(emit: (task: Task) => void) {
    this.#emit = emit;
  }

  /** Announced tasks: running ones first, then the last finished. */
  list(): Task[] {
    const running = [...this.#running.values()].filter(({ announced }) => announced).map(({ task }) => task);
    return [...running, ...this.#finished];
  }

  /** Throws `NotFoundError` for a task that never was; a task that just ended is left alone. */
  cancel(id: string): void {
    const running = this.#running.get(id);
    if (running) running.abort.abort(new CancelledError());
    else if (!this.#finished.some((task) => task.id === id)) throw new NotFoundError(`There is no task ${id}.`);
  }

  cancelAll(): void {
    for (const { abort } of this.#running.values()) abort.abort(new CancelledError());
  }

  run: RunTask = async (spec, work, { signal } = {}) => {
    const id = `task-${++this.#count}`;
    const task: Task = { id, ...spec, state: 'running', done: 0, startedAt: Date.now(), message: null };
    const running: Running = { task, announced: false, reportedAt: 0, abort: new AbortController() };
    // Every read of a long job listens to the one signal.
    setMaxListeners(0, running.abort.signal);
    const onAbort = (): void => running.abort.abort(new CancelledError());
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    this.#running.set(id, running);
    const timer = setTimeout(() => this.#announce(running), ANNOUNCE_AFTER_MS);
    try {
      running.abort.signal.throwIfAborted();
      const result = await work({
        signal: running.abort.signal,
        onProgress: (done, total) => this.#progress(running, done, total),
      });
      this.#end(running, 'done', null);
      return result;
    } catch (error) {
      const cancelled = error instanceof CancelledError || running.abort.signal.aborted;
      this.#end(running, cancelled ? 'cancelled' : 'failed', cancelled ? null : messageOf(error));
      throw cancelled && !(error instanceof CancelledError) ? new CancelledError() : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  };

  #announce(running: Running): void {
    running.announced = true;
    this.#report(running);
  }

  #progress(running: Running, done: number, total = running.task.total): void {
    running.task = { ...running.task, done, total };
    if (running.announced && Date.now() - running.reportedAt >= EVENT_INTERVAL_MS) this.#report(running);
  }

  #report(running: Running): void {
    running.reportedAt = Date.now();
    this.#emit(running.task);
  }

  #end(running: Running, state: TaskState, message: string | null): void {
    const { task } = running;
    this.#running.delete(task.id);
    running.task = { ...task, state, message, done: state === 'done' && task.total > 0 ? task.total : task.done };
    if (!running.announced) return;
    this.#finished = [running.task, ...this.#finished].slice(0, FINISHED_KEPT);
    this.#report(running);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
