import type { Job } from '../job.ts';
import type { PieceOf } from '../messages.ts';
import type { WorkerPool } from '../worker-pool.ts';
import type { MatrixPlan } from './matrix-plan.ts';
import type { SharedMemory } from './shared-memory.ts';
import type { SpectrumStep } from './steps.ts';

/** Runs the steps of one spectrum on the pool. */
export class SpectrumSteps {
  readonly #pool: WorkerPool;
  readonly #job: Job;
  readonly #setting: Pick<PieceOf<'spectrum'>, 'memory' | 'plan' | 'exponent'>;

  constructor(
    pool: WorkerPool,
    job: Job,
    setting: { readonly memory: SharedMemory; readonly plan: MatrixPlan; readonly exponent: number },
  ) {
    this.#pool = pool;
    this.#job = job;
    this.#setting = setting;
  }

  /** `share`: of the bytes that the step reads, what they add to the progress. */
  async run(step: SpectrumStep, share = 0): Promise<void> {
    this.#job.throwIfCancelled();
    await this.#pool.run<'spectrum'>(this.#job, [{ kind: 'spectrum', ...this.#setting, step }], share);
  }

  /** Works `items` off, as many at once as there are `lanes`: what a lane has to itself, one item at a time uses. */
  async spread<T, L>(
    items: readonly T[],
    lanes: readonly L[],
    work: (item: T, lane: L) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    const runner = async (lane: L): Promise<void> => {
      while (next < items.length) {
        const item = items[next++];
        if (item !== undefined) await work(item, lane);
      }
    };
    await Promise.all(lanes.map(runner));
  }
}
