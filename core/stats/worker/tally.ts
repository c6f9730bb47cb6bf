import type { Distribution } from '../distribution.ts';
import { type BinSpec, binScale } from '../histogram.ts';
import { writeEdges } from './bins.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';

const [, COUNTS] = ADDRESS.lanes;
const [INDICES, LOWS] = ADDRESS.gathered;
/** Done with when the bins' indices are written. */
const SUMS = INDICES;

/** What counts of values say of all of them: the fields of core/stats/kernels/tally.ts. */
export interface Tally {
  readonly finite: number;
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
  readonly nans: number;
  readonly infs: number;
  readonly negatives: number;
  readonly sum: number;
  readonly l1: number;
  /** How many different values there are that are not finite. */
  readonly others: number;
}

/** Float64 values in the kernels' memory, and how often each occurs. */
export class CountedValues {
  readonly #memory: KernelMemory;
  readonly #at: number;
  readonly #n: number;

  /** Of the values at `at`, in the lanes of slot 0; `counts` go to those of slot 1. */
  constructor(memory: KernelMemory, at: number, counts: Float64Array) {
    this.#memory = memory;
    this.#at = at;
    this.#n = counts.length;
    memory.f64.set(counts, COUNTS / 8);
  }

  tally(): Tally {
    const { kernels, f64 } = this.#memory;
    kernels.tally(this.#at, COUNTS, this.#n, ADDRESS.record);
    const field = (index: number): number => f64[ADDRESS.record / 8 + index] ?? 0;
    return {
      finite: field(0),
      min: field(1),
      max: field(2),
      zeros: field(3),
      nans: field(4),
      infs: field(5),
      negatives: field(6),
      sum: field(7) + field(8),
      l1: field(9) + field(10),
      others: field(11),
    };
  }

  /** Σ count · (value − centre)² over the finite values. */
  spread(centre: number): number {
    return this.#memory.kernels.tallySpread(this.#at, COUNTS, this.#n, centre, ADDRESS.record);
  }

  distribution(): Distribution {
    const { kernels, f64 } = this.#memory;
    const runs = kernels.tallyRuns(this.#at, COUNTS, this.#n, LOWS, SUMS);
    const exact = f64.slice(LOWS / 8, LOWS / 8 + runs);
    return { lows: exact, highs: exact, counts: f64.slice(SUMS / 8, SUMS / 8 + runs), codes: new Uint16Array(0) };
  }

  bins(spec: BinSpec): Float64Array {
    const { kernels, f64 } = this.#memory;
    const { low, width, scale } = binScale(spec);
    writeEdges(this.#memory, spec);
    const counts = f64.subarray(ADDRESS.binCounts / 8, ADDRESS.binCounts / 8 + spec.bins).fill(0);
    kernels.binIndices(this.#at, this.#n, ADDRESS.edges, INDICES, spec.bins, low, width, scale);
    kernels.tallyBins(this.#at, COUNTS, this.#n, INDICES, ADDRESS.binCounts);
    return counts.slice();
  }
}
