import {
  type ArrayStatistics,
  type ElementCounts,
  type FiniteMoments,
  finiteCount,
  statisticsOf,
} from '../../array-statistics.ts';
import { statistics as statisticsOnProcessor } from '../statistics.ts';
import { type BlockReduction, reduceBlocks } from './blocks.ts';
import type { GpuArray } from './gpu-array.ts';
import { scaleExponent } from './norm.ts';

const COUNTS: BlockReduction = {
  name: 'counts',
  figures: 3,
  floats: [],
  start: 'var count: i32 = 0;',
  step: `if (which == 0 && size == 0u) { count = count + 1; }
    if (which == 1 && size > 0x7f800000u) { count = count + 1; }
    if (which == 2 && size == 0x7f800000u) { count = count + 1; }`,
  result: 'f32(count)',
};

/** The largest float32: where a block has no finite element its extremes are the wrong way round. */
const LARGEST = '3.4028234663852886e38';

const EXTREMES: BlockReduction = {
  name: 'extremes',
  figures: 2,
  floats: [],
  start: `var least: f32 = ${LARGEST};
  var most: f32 = -${LARGEST};`,
  step: `if (size < 0x7f800000u) {
      least = min(least, value);
      most = max(most, value);
    }`,
  result: 'select(most, least, which == 0)',
};

/** Sums of what finite elements are off `center`, in two floats, and sums of their squares. */
const SUMS: BlockReduction = {
  name: 'sums',
  figures: 3,
  floats: ['scale', 'center'],
  start: `var total: f32 = 0.0;
  var lost: f32 = 0.0;
  var next: f32 = 0.0;`,
  step: `if (size < 0x7f800000u) {
      next = value * scale() - center();
      next = select(next, next * next, which == 2);
      lost = lost + sumError(total, next);
      total = total + next;
    }`,
  result: 'select(select(lost, total, which == 0), total + lost, which == 2)',
};

const ALL_ZERO: FiniteMoments = { min: 0, max: 0, mean: 0, squares: 0 };

/** As `statistics` of the cpu, from float32 sums of 256 elements that carry what rounding cuts off. */
export async function statistics(array: GpuArray): Promise<ArrayStatistics> {
  const count = array.size;
  if (array.isZero && count > 0) return statisticsOf({ count, zeros: count, nans: 0, infs: 0 }, ALL_ZERO);
  // Elements of int32 have more bits than programs can add up.
  if (!array.isNative || array.dtype === 'int32') return await statisticsOfRead(array);
  const [zeros = 0, nans = 0, infs = 0] = (await reduceBlocks([array], COUNTS)).map(sumOf);
  const counts: ElementCounts = { count, zeros, nans, infs };
  const finite = finiteCount(counts);
  return statisticsOf(counts, finite === 0 ? null : await moments(array, finite));
}

async function moments(array: GpuArray, finite: number): Promise<FiniteMoments> {
  const [lows = [], highs = []] = await reduceBlocks([array], EXTREMES);
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const low of lows) min = Math.min(min, low);
  for (const high of highs) max = Math.max(max, high);
  const peak = Math.max(-min, max);
  if (peak === 0) return ALL_ZERO;
  const unit = 2 ** scaleExponent(peak);
  const first = await sums(array, 1 / unit, 0);
  // About the mean, where squares keep their digits; it rounds, and the rest is taken off again.
  const center = Math.fround(first.sum / finite);
  const { sum, squares } = await sums(array, 1 / unit, center);
  const rest = sum / finite;
  return { min, max, mean: (center + rest) * unit, squares: Math.max(0, squares - sum * rest) * unit ** 2 };
}

async function sums(
  array: GpuArray,
  scale: number,
  center: number,
): Promise<{ readonly sum: number; readonly squares: number }> {
  const [totals = 0, lost = 0, squares = 0] = (await reduceBlocks([array], SUMS, { scale, center })).map(sumOf);
  return { sum: totals + lost, squares };
}

function sumOf(figures: Float32Array): number {
  let total = 0;
  for (const figure of figures) total += figure;
  return total;
}

async function statisticsOfRead(array: GpuArray): Promise<ArrayStatistics> {
  const elements = await array.readAll();
  const result = statisticsOnProcessor(elements);
  elements.dispose();
  return result;
}
