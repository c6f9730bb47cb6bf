import type { CellEncoding } from '../engine.ts';
import { BoxReader } from './box-reader.ts';
import type { PieceContext } from './context.ts';
import type { GatherAxis } from './gather.ts';
import type { KernelMemory } from './kernel-memory.ts';
import { toFloat64 } from './moments.ts';

/** Boxes of float64 values: the elements of a tensor, complex ones by their modulus, or `a − b` of a job's two tensors. */
export interface BoxValues {
  /** The address of the values of a box of at most a chunk, one line after the other. */
  load(first: number, axes: readonly GatherAxis[]): number;
  /** Copies what a run of elements needs to place `out`, for `gathered`. */
  gather(first: number, axis: GatherAxis, out: number): void;
  /** The address of the first `n` values that were gathered. */
  gathered(n: number): number;
}

export function boxValues(context: PieceContext): BoxValues {
  return context.tensors.length > 1 ? new Difference(context) : new Values(context);
}

class Values implements BoxValues {
  readonly #memory: KernelMemory;
  readonly #box: BoxReader;

  constructor(context: PieceContext) {
    this.#memory = context.memory;
    this.#box = new BoxReader(context, 0);
  }

  load(first: number, axes: readonly GatherAxis[]): number {
    return this.#values(this.#box.load(first, axes), elementsOf(axes));
  }

  gather(first: number, axis: GatherAxis, out: number): void {
    this.#box.gather(first, [axis], out);
  }

  gathered(n: number): number {
    return this.#values(this.#box.gathered, n);
  }

  #values(at: number, n: number): number {
    if (this.#box.lanes === 'complex128') this.#memory.kernels.complexAbs(at, at, n);
    else toFloat64(this.#memory, this.#box.lanes, { at, n });
    return at;
  }
}

const SUBTRACT = {
  float64: 'subtractF64',
  int64: 'subtractI64',
  uint64: 'subtractU64',
  complex128: 'subtractC128',
} as const;

class Difference implements BoxValues {
  readonly #memory: KernelMemory;
  readonly #a: BoxReader;
  readonly #b: BoxReader;

  constructor(context: PieceContext) {
    this.#memory = context.memory;
    this.#a = new BoxReader(context, 0);
    this.#b = new BoxReader(context, 1);
  }

  load(first: number, axes: readonly GatherAxis[]): number {
    return this.#subtract(this.#a.load(first, axes), this.#b.load(first, axes), elementsOf(axes));
  }

  gather(first: number, axis: GatherAxis, out: number): void {
    this.#a.gather(first, [axis], out);
    this.#b.gather(first, [axis], out);
  }

  gathered(n: number): number {
    return this.#subtract(this.#a.gathered, this.#b.gathered, n);
  }

  #subtract(a: number, b: number, n: number): number {
    const { kernels } = this.#memory;
    const to = commonLanes(this.#a.lanes, this.#b.lanes);
    widen(this.#memory, this.#a.lanes, { to, at: a, n });
    widen(this.#memory, this.#b.lanes, { to, at: b, n });
    kernels[SUBTRACT[to]](a, b, n);
    if (to === 'complex128') kernels.complexAbs(a, a, n);
    return a;
  }
}

function elementsOf(axes: readonly GatherAxis[]): number {
  return axes.reduce((product, axis) => product * axis.count, 1);
}

/** What two kinds of lanes are subtracted in. */
function commonLanes(a: CellEncoding, b: CellEncoding): CellEncoding {
  if (a === b) return a;
  return a === 'complex128' || b === 'complex128' ? 'complex128' : 'float64';
}

/** `n` lanes of kind `from` at `at` to the wider kind `to`, in place. */
function widen(
  memory: KernelMemory,
  from: CellEncoding,
  { to, at, n }: { to: CellEncoding; at: number; n: number },
): void {
  if (from === to) return;
  toFloat64(memory, from, { at, n });
  if (to === 'complex128') memory.kernels.realToComplex(at, at, n);
}
