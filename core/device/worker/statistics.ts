import {
  type ArrayStatistics,
  complexStatistics,
  type ElementCounts,
  type FiniteMoments,
  finiteCount,
  statisticsOf,
} from '../array-statistics.ts';
import { BLOCK } from './convert.ts';
import type { DeviceArray } from './device-array.ts';
import { truthValues } from './truth.ts';

/** Values beyond this are summed in a smaller unit, so that their sum does not overflow. */
const HUGE = 2 ** 960;
const HUGE_UNIT = 2 ** 64;

type Block = ArrayLike<number>;

/** Statistics in float64, block by block. */
export function statistics(array: DeviceArray): ArrayStatistics {
  const { elements, size: count } = array;
  if (elements.kind === 'complex') return complexStatistics({ count, ...complexCounts(elements.re, elements.im) });
  const { counts, min, max } = countElements(array);
  const finite = finiteCount(counts);
  return statisticsOf(counts, finite === 0 ? null : moments(array, { finite, min, max }));
}

/** The elements as numbers: 64-bit integers rounded to float64, all that is not false as 1. */
function* blocksOf({ elements, dtype, size }: DeviceArray): Generator<Block> {
  const rounded = new Float64Array(elements.kind === 'bigints' ? Math.min(BLOCK, size) : 0);
  for (let start = 0; start < size; start += BLOCK) {
    const stop = Math.min(start + BLOCK, size);
    if (elements.kind === 'numbers') {
      const values = elements.values.subarray(start, stop);
      yield dtype === 'bool' ? truthValues(values) : values;
    } else if (elements.kind === 'bigints') {
      for (let i = start; i < stop; i++) rounded[i - start] = Number(elements.values[i] ?? 0n);
      yield rounded.subarray(0, stop - start);
    }
  }
}

function countElements(array: DeviceArray): Pick<FiniteMoments, 'min' | 'max'> & { readonly counts: ElementCounts } {
  let [zeros, nans, infs] = [0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const block of blocksOf(array)) {
    for (let i = 0; i < block.length; i++) {
      const value = block[i] ?? 0;
      if (value === 0) zeros++;
      if (Number.isFinite(value)) {
        if (value < min) min = value;
        if (value > max) max = value;
      } else if (Number.isNaN(value)) nans++;
      else infs++;
    }
  }
  return { counts: { count: array.size, zeros, nans, infs }, min, max };
}

function moments(
  array: DeviceArray,
  { finite, min, max }: Pick<FiniteMoments, 'min' | 'max'> & { readonly finite: number },
): FiniteMoments {
  const unit = Math.max(-min, max) > HUGE ? HUGE_UNIT : 1;
  const mean = (sumOf(array, (value) => value / unit) / finite) * unit;
  return { min, max, mean, squares: sumOf(array, (value) => (value - mean) ** 2) };
}

/** Over the finite elements; blocks are added up one by one, so that no sum grows much larger than its terms. */
function sumOf(array: DeviceArray, term: (value: number) => number): number {
  let total = 0;
  for (const block of blocksOf(array)) {
    let sum = 0;
    for (let i = 0; i < block.length; i++) {
      const value = block[i] ?? 0;
      if (Number.isFinite(value)) sum += term(value);
    }
    total += sum;
  }
  return total;
}

function complexCounts(re: Block, im: Block): Omit<ElementCounts, 'count'> {
  const isInfinite = (value: number): boolean => Math.abs(value) === Number.POSITIVE_INFINITY;
  let [zeros, nans, infs] = [0, 0, 0];
  for (let i = 0; i < re.length; i++) {
    const [x, y] = [re[i] ?? 0, im[i] ?? 0];
    if (x === 0 && y === 0) zeros++;
    if (Number.isNaN(x) || Number.isNaN(y)) nans++;
    if (isInfinite(x) || isInfinite(y)) infs++;
  }
  return { zeros, nans, infs };
}
