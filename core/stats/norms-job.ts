import type { AxisNorms } from './engine.ts';
import type { Job } from './job.ts';
import type { PieceResults } from './messages.ts';
import { cutNorms, type NormsPiece, type NormsPlan } from './norms-plan.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Adds pieces in the order of the matrix, whatever the order in which they come: sums of float64 are then always the same. */
class OrderedNorms {
  readonly squares: Float64Array;
  readonly most: Float64Array;
  readonly others: Float64Array;
  readonly #pieces: readonly NormsPiece[];
  readonly #waiting = new Map<number, PieceResults['norms']>();
  #next = 0;

  constructor(lines: number, pieces: readonly NormsPiece[]) {
    this.squares = new Float64Array(lines);
    this.most = new Float64Array(lines);
    this.others = new Float64Array(lines);
    this.#pieces = pieces;
  }

  take(norms: PieceResults['norms'], index: number): void {
    this.#waiting.set(index, norms);
    for (let ready = this.#waiting.get(this.#next); ready !== undefined; ready = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next);
      this.#add(ready, this.#pieces[this.#next]?.firstLine ?? 0);
      this.#next += 1;
    }
  }

  #add({ squares, most, others }: PieceResults['norms'], firstLine: number): void {
    for (let k = 0; k < squares.length; k++) {
      const line = firstLine + k;
      this.squares[line] = (this.squares[line] ?? 0) + (squares[k] ?? 0);
      this.most[line] = Math.max(this.most[line] ?? 0, most[k] ?? 0);
      this.others[line] = (this.others[line] ?? 0) + (others[k] ?? 0);
    }
  }
}

export async function runNorms(pool: WorkerPool, job: Job, plan: NormsPlan): Promise<AxisNorms> {
  const pieces = cutNorms(plan);
  const sum = new OrderedNorms(plan.lines.count, pieces);
  await pool.fold<'norms'>(
    job,
    { pieces: pieces.map((piece) => ({ kind: 'norms', plan, ...piece })) },
    (norms, index) => sum.take(norms, index),
  );
  return { l2: sum.squares.map(Math.sqrt), maxAbs: sum.most, nonFinite: sum.others };
}
