import type { Job, Task } from './job.ts';

/**
 * Which task goes next: those of jobs that somebody looks at before those in the background, and among
 * equals the jobs in turn, so that a few cells need not wait behind ten thousand pieces of a scan.
 */
export class Scheduler {
  readonly #view: Job[] = [];
  readonly #background: Job[] = [];
  readonly #longAtOnce: number;

  constructor(threads: number) {
    this.#longAtOnce = Math.max(1, threads - 1);
  }

  add(task: Task): void {
    const ring = task.job.background ? this.#background : this.#view;
    task.job.queue.push(task);
    if (!ring.includes(task.job)) ring.push(task.job);
  }

  /** Ahead of its job's other tasks: its worker died. */
  addAgain(task: Task): void {
    this.add(task);
    task.job.queue.unshift(...task.job.queue.splice(-1));
  }

  /** The next task beside those that are `running`, if it is `wanted`; nothing else goes before it. */
  next(running: readonly Task[], wanted: (task: Task) => boolean = () => true): Task | undefined {
    const [view, background] = [this.#view.at(0), this.#background.find((job) => this.#mayRun(job, running))];
    const [ring, job] = view ? [this.#view, view] : [this.#background, background];
    const task = job?.queue.at(0);
    if (job === undefined || task === undefined || !wanted(task)) return undefined;
    job.queue.shift();
    ring.splice(ring.indexOf(job), 1);
    if (job.queue.length > 0) ring.push(job);
    return task;
  }

  /** Takes all waiting tasks of `job` out. */
  drop(job: Job): Task[] {
    for (const ring of [this.#view, this.#background]) {
      const index = ring.indexOf(job);
      if (index >= 0) ring.splice(index, 1);
    }
    return job.queue.splice(0);
  }

  jobs(): Job[] {
    return [...this.#view, ...this.#background];
  }

  #mayRun(job: Job, running: readonly Task[]): boolean {
    if (!job.spec.long) return true;
    const long = running.filter((task) => task.job.spec.long && task.job.background);
    return long.length < this.#longAtOnce;
  }
}
