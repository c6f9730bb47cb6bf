import type { ArrayDistance } from '../../array-statistics.ts';
import { distance as distanceOnProcessor } from '../distance.ts';
import { norm as normOnProcessor } from '../reduce.ts';
import { type BlockReduction, reduceBlocks } from './blocks.ts';
import { take } from './cast.ts';
import { GpuArray } from './gpu-array.ts';

/** As bits, so that NaN counts as the largest. */
const PEAK: BlockReduction = {
  name: 'peak',
  figures: 1,
  floats: [],
  start: 'var most: u32 = 0u;',
  step: 'most = max(most, size);',
  result: 'bitcast<f32>(most)',
};

const SQUARES: BlockReduction = {
  name: 'squares',
  figures: 1,
  floats: ['scale'],
  start: `var total: f32 = 0.0;
  var lost: f32 = 0.0;
  var next: f32 = 0.0;`,
  step: `let scaled: f32 = value * scale();
    next = scaled * scaled;
    lost = lost + sumError(total, next);
    total = total + next;`,
  result: 'withError(total, lost)',
};

/** The L2 norm; null for complex arrays. */
export async function norm(array: GpuArray): Promise<number | null> {
  if (array.dtype === 'complex64') return null;
  if (array.isZero) return 0;
  if (array.isNative) return (await measure([array])).l2;
  const elements = await array.readAll();
  const result = normOnProcessor(elements);
  elements.dispose();
  return result;
}

/** How far two arrays of one shape and dtype are apart, whichever devices of this worker hold them. */
export async function distance(first: GpuArray, second: GpuArray): Promise<ArrayDistance> {
  // Differences of int32 need more bits than programs have.
  if (!first.isNative || !second.isNative || first.dtype === 'int32') return await distanceOfRead(first, second);
  if (first.device === second.device) return await measure([first, second]);
  const beside = new GpuArray(first.device, second.dtype, second.shape);
  try {
    await take(second, beside);
    return await measure([first, beside]);
  } finally {
    beside.dispose();
  }
}

/** The L2 norm and the largest magnitude of an array, or of the difference of two. */
async function measure(arrays: readonly GpuArray[]): Promise<ArrayDistance> {
  const [peaks = []] = await reduceBlocks(arrays, PEAK);
  let max = 0;
  for (const peak of peaks) if (!(peak <= max)) max = peak;
  if (max === 0 || !Number.isFinite(max)) return { l2: max, max };
  const exponent = scaleExponent(max);
  const [sums = []] = await reduceBlocks(arrays, SQUARES, { scale: 2 ** -exponent });
  let total = 0;
  for (const sum of sums) total += sum;
  return { l2: Math.sqrt(total) * 2 ** exponent, max };
}

/** Of the power of two that brings the largest magnitude to about 1: its square neither overflows nor vanishes. */
export function scaleExponent(peak: number): number {
  return Math.max(-126, Math.min(126, Math.floor(Math.log2(peak))));
}

async function distanceOfRead(first: GpuArray, second: GpuArray): Promise<ArrayDistance> {
  const [a, b] = [await first.readAll(), await second.readAll()];
  const result = distanceOnProcessor(a, b);
  a.dispose();
  b.dispose();
  return result;
}
