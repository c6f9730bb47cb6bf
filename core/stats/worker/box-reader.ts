import type { CellEncoding } from '../engine.ts';
import { laneBytes, lanesOf } from '../lanes.ts';
import { type PieceContext, tensorOf } from './context.ts';
import type { Evaluator } from './evaluator.ts';
import { type GatherAxis, Gatherer } from './gather.ts';
import { ADDRESS } from './kernel-memory.ts';

/** Brings boxes of one of a job's tensors into the kernels' memory, as lanes. */
export class BoxReader {
  readonly lanes: CellEncoding;
  /** Where gathered lanes lie. */
  readonly gathered: number;
  readonly #context: PieceContext;
  readonly #tensor: Evaluator;
  readonly #gatherer: Gatherer;

  constructor(context: PieceContext, index: 0 | 1) {
    const { memory } = context;
    this.#context = context;
    this.#tensor = tensorOf(context, index);
    this.lanes = lanesOf(this.#tensor.dtype);
    this.gathered = ADDRESS.gathered[index];
    this.#gatherer = new Gatherer(
      { memory, tensor: this.#tensor, onRead: (bytes) => context.advance(bytes) },
      { words: memory.i32.subarray(this.gathered / 4), wordsPerLane: laneBytes(this.lanes) / 4 },
    );
  }

  /** Copies the lanes of a box to place `out` of `gathered`. */
  gather(first: number, axes: readonly GatherAxis[], out: number): void {
    this.#gatherer.gather(first, axes, out);
  }

  /** Where the lanes of a box of at most a chunk are, one line after the other; those in one run are not copied. */
  load(first: number, axes: readonly GatherAxis[]): number {
    if (axes.some((axis) => axis.stride !== axis.out)) {
      this.gather(first, axes, 0);
      return this.gathered;
    }
    const count = axes.reduce((product, axis) => product * axis.count, 1);
    this.#context.advance((count * this.#tensor.storedBits) / 8);
    return this.#tensor.lanes(first, count);
  }
}
