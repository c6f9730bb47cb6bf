import type { Evaluator } from './evaluator.ts';
import { CHUNK_ELEMENTS, type KernelMemory } from './kernel-memory.ts';

/** One axis of the elements to gather; strides in elements, ascending in the tensor. */
export interface GatherAxis {
  readonly count: number;
  readonly stride: number;
  /** From one index to the next in the result; negative where the slice runs backwards. */
  readonly out: number;
}

export interface GatherTarget {
  /** The lanes of the result, as 32-bit words, so that every kind of lane is copied bit for bit. */
  readonly words: Int32Array;
  readonly wordsPerLane: number;
}

/** Below this many bytes it is cheaper to read what lies between than to read again. */
const SMALL_SPAN_BYTES = 4096;
/** How many bytes may be read for one element that is wanted: a read of its own costs about as much. */
const MAX_BYTES_PER_ELEMENT = 256;

/**
 * Copies the lanes of a box of elements, the first at `first`, to `out` onwards. Reads it in one span
 * where it is small or dense, else in halves: what lies between wanted rows is never read.
 */
export class Gatherer {
  readonly #memory: KernelMemory;
  readonly #source: Evaluator;
  readonly #target: GatherTarget;
  readonly #onRead: (bytes: number) => void;

  constructor(
    source: { readonly memory: KernelMemory; readonly tensor: Evaluator; readonly onRead: (bytes: number) => void },
    target: GatherTarget,
  ) {
    this.#memory = source.memory;
    this.#source = source.tensor;
    this.#onRead = source.onRead;
    this.#target = target;
  }

  /** `axes` run from the one of the largest stride inwards. */
  gather(first: number, axes: readonly GatherAxis[], out: number): void {
    let span = 1;
    let wanted = 1;
    for (const axis of axes) {
      if (axis.count === 0) return;
      span += (axis.count - 1) * axis.stride;
      wanted *= axis.count;
    }
    const bytes = (span * this.#source.storedBits) / 8;
    if (span <= CHUNK_ELEMENTS && (bytes <= SMALL_SPAN_BYTES || bytes <= MAX_BYTES_PER_ELEMENT * wanted)) {
      const lanes = this.#source.lanes(first, span) / 4;
      this.#onRead(bytes);
      this.#copy(lanes, axes, out);
    } else this.#halve(first, axes, out);
  }

  #halve(first: number, axes: readonly GatherAxis[], out: number): void {
    const split = axes.findIndex((axis) => axis.count > 1);
    const axis = axes[split];
    if (axis === undefined) return;
    const half = Math.floor(axis.count / 2);
    this.gather(first, axes.with(split, { ...axis, count: half }), out);
    this.gather(
      first + half * axis.stride,
      axes.with(split, { ...axis, count: axis.count - half }),
      out + half * axis.out,
    );
  }

  /** `lanes` is where the span's lanes begin, in words. */
  #copy(lanes: number, axes: readonly GatherAxis[], out: number): void {
    const [axis, ...inner] = axes;
    const { words, wordsPerLane: w } = this.#target;
    if (axis === undefined) {
      words.set(this.#memory.i32.subarray(lanes, lanes + w), out * w);
    } else if (inner.length > 0) {
      for (let k = 0; k < axis.count; k++) this.#copy(lanes + k * axis.stride * w, inner, out + k * axis.out);
    } else if (axis.stride === 1 && axis.out === 1) {
      words.set(this.#memory.i32.subarray(lanes, lanes + axis.count * w), out * w);
    } else {
      const { i32 } = this.#memory;
      for (let k = 0; k < axis.count; k++) {
        const from = lanes + k * axis.stride * w;
        const to = (out + k * axis.out) * w;
        for (let b = 0; b < w; b++) words[to + b] = i32[from + b] ?? 0;
      }
    }
  }
}
