import { elementCount, type Shape, stridesOf } from '../../ndarray/shape.ts';
import type { Arrangement } from './stored-bytes.ts';

/** One axis of the elements, from the outermost inwards. */
export interface Axis {
  readonly size: number;
  /** From one index to the next among the stored bytes. */
  readonly source: number;
  /** From one index to the next in the unpacked value, in elements. */
  readonly target: number;
}

/** The axes that matter: none of one index, and neighbours that run on into each other as one. */
export function axesOf(shape: Shape, { itemsize, strides }: Arrangement): Axis[] {
  if (strides === null) return [{ size: elementCount(shape), source: itemsize, target: 1 }];
  const targets = stridesOf(shape);
  const axes: Axis[] = [];
  for (const [k, size] of shape.entries()) {
    if (size === 1) continue;
    const axis = { size, source: strides[k] ?? 0, target: targets[k] ?? 1 };
    const outer = axes.at(-1);
    if (outer && outer.source === axis.source * size) axes[axes.length - 1] = { ...axis, size: outer.size * size };
    else axes.push(axis);
  }
  return axes;
}

/** Which stored bytes the elements take: `[lowest, highest)`. */
export function addressRange(
  axes: readonly Axis[],
  { itemsize, start }: Pick<Arrangement, 'itemsize' | 'start'>,
): { lowest: number; highest: number } {
  let [lowest, highest] = [start, start + itemsize];
  for (const { size, source } of axes) {
    if (source < 0) lowest += source * (size - 1);
    else highest += source * (size - 1);
  }
  return { lowest, highest };
}

/**
 * How many indices of each axis make a tile of at most `elements`: it grows along what lies together in
 * the unpacked value and along what lies together among the stored bytes by turns, so that a transpose
 * reads and writes runs of similar length.
 */
export function tileSizes(axes: readonly Axis[], elements: number): number[] {
  const sizes = axes.map(() => 1);
  const byTarget = [...axes.keys()].reverse();
  const bySource = byTarget.toSorted((a, b) => nearness(axes[a]) - nearness(axes[b]));
  const runOf = (order: readonly number[]): { axis: number; run: number } | null => {
    let run = 1;
    for (const k of order) {
      run *= sizes[k] ?? 1;
      if ((sizes[k] ?? 1) < (axes[k]?.size ?? 1)) return { axis: k, run };
    }
    return null;
  };
  for (let total = 1; ; ) {
    const [target, source] = [runOf(byTarget), runOf(bySource)];
    if (!target || !source) return sizes;
    const { axis } = target.run <= source.run ? target : source;
    const former = sizes[axis] ?? 1;
    const next = Math.min(2 * former, axes[axis]?.size ?? 1);
    if ((total / former) * next > elements) return sizes;
    total = (total / former) * next;
    sizes[axis] = next;
  }
}

/** What repeats costs nothing to read again, and comes last. */
function nearness(axis: Axis | undefined): number {
  return Math.abs(axis?.source ?? 0) || Number.POSITIVE_INFINITY;
}

/** A box of elements, in C order. */
export interface Tile {
  /** Per axis. */
  readonly starts: readonly number[];
  readonly counts: readonly number[];
  /** Where its unbroken runs belong: bytes of the tile, and bytes of the unpacked value. */
  runs(itemsize: number): Iterable<{ readonly from: number; readonly to: number; readonly nbytes: number }>;
}

/** All tiles of at most `sizes` indices per axis, in C order. */
export function* tilesOf(axes: readonly Axis[], sizes: readonly number[]): Generator<Tile> {
  const blocks = axes.map(({ size }, k) => Math.ceil(size / (sizes[k] ?? 1)));
  for (const index of indicesOf(blocks)) {
    const starts = index.map((block, k) => block * (sizes[k] ?? 1));
    const counts = starts.map((start, k) => Math.min(sizes[k] ?? 1, (axes[k]?.size ?? 1) - start));
    yield { starts, counts, runs: (itemsize) => runsOf(axes, { starts, counts }, itemsize) };
  }
}

function* runsOf(
  axes: readonly Axis[],
  { starts, counts }: Pick<Tile, 'starts' | 'counts'>,
  itemsize: number,
): Generator<{ from: number; to: number; nbytes: number }> {
  let outer = axes.length;
  let nbytes = itemsize;
  while (outer > 0) {
    outer -= 1;
    const count = counts[outer] ?? 1;
    nbytes *= count;
    if (count < (axes[outer]?.size ?? 1)) break;
  }
  const base = starts.reduce((sum, start, k) => sum + start * (axes[k]?.target ?? 0), 0);
  let from = 0;
  for (const index of indicesOf(counts.slice(0, outer))) {
    const first = index.reduce((sum, at, k) => sum + at * (axes[k]?.target ?? 0), base);
    yield { from, to: first * itemsize, nbytes };
    from += nbytes;
  }
}

/** All indices of a shape in C order; the array is the same each time. */
function* indicesOf(shape: readonly number[]): Generator<number[]> {
  const index = shape.map(() => 0);
  const total = elementCount(shape);
  for (let n = 0; n < total; n++) {
    yield index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next < (shape[axis] ?? 1) ? next : 0;
      if (index[axis] !== 0) break;
    }
  }
}
