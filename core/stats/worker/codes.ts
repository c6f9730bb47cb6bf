import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { exactDistribution } from '../distribution.ts';
import { binSpec, toHistogram } from '../histogram.ts';
import type { ElementRange, PieceOf, PieceResults, Summary } from '../messages.ts';
import { addCompensated, sparsityOf } from '../moments.ts';
import { quantilesOf } from '../quantiles.ts';
import { weightedBins } from './bins.ts';
import { decodeCodes, unpackCodes } from './codec.ts';
import { forEachStored, type PieceContext, tensorOf } from './context.ts';
import { foundCounts } from './found-counts.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';

/**
 * Statistics of narrow dtypes by counting: a pass over the elements counts how often each bit pattern
 * occurs, and everything else follows from at most 65,536 counts, exact and in any order.
 */
export function codes(context: PieceContext, range: ElementRange): PieceResults['codes'] {
  const { kernels, u32 } = context.memory;
  const tensor = tensorOf(context);
  const { dtype } = tensor;
  const table = { at: ADDRESS.codeCounts, entries: dtypeInfo(dtype).bits === 16 ? 65_536 : 256 };
  u32.fill(0, table.at / 4, table.at / 4 + table.entries);
  forEachStored(context, range, (start, n) => {
    const at = tensor.storage(start, n);
    if (table.entries === 65_536) kernels.count16(at, n, table.at);
    else kernels.count8(unpackCodes(kernels, dtype, { at, n }), n, table.at);
  });
  return foundCounts(context.memory, table);
}

interface Tally {
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

function tally(values: Float64Array, counts: Float64Array): Tally {
  const sum = { value: 0, lost: 0 };
  const l1 = { value: 0, lost: 0 };
  const others = new Set<number>();
  let [finite, zeros, nans, infs, negatives] = [0, 0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  counts.forEach((count, code) => {
    const value = values[code] ?? Number.NaN;
    if (!Number.isFinite(value)) others.add(value);
    if (value < 0) negatives += count;
    if (Number.isNaN(value)) nans += count;
    else if (!Number.isFinite(value)) infs += count;
    else {
      finite += count;
      if (value === 0) zeros += count;
      min = Math.min(min, value);
      max = Math.max(max, value);
      addCompensated(sum, value * count);
      addCompensated(l1, Math.abs(value) * count);
    }
  });
  const sums = { sum: sum.value + sum.lost, l1: l1.value + l1.lost };
  return { finite, min, max, zeros, nans, infs, negatives, others: others.size, ...sums };
}

/** Σ count · (value − centre)² over the finite values. */
function spread(values: Float64Array, counts: Float64Array, centre: number): number {
  const total = { value: 0, lost: 0 };
  counts.forEach((count, code) => {
    const distance = (values[code] ?? Number.NaN) - centre;
    if (Number.isFinite(distance)) addCompensated(total, count * distance * distance);
  });
  return total.value + total.lost;
}

/** Writes codes of `dtype` and decodes them: the value of the `k`th is the float64 at `address + 8 k`. */
function valuesOfCodes(memory: KernelMemory, dtype: DType, codes: Uint16Array): number {
  const [src, dst] = [ADDRESS.storage[0], ADDRESS.lanes[0]];
  const stored = dtypeInfo(dtype).bits === 16 ? codes : Uint8Array.from(codes);
  memory.bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), src);
  decodeCodes(memory.kernels, dtype, { src, dst, n: codes.length });
  return dst;
}

/** All statistics of a narrow dtype, from the counts of its codes. */
export function summarize(memory: KernelMemory, piece: Omit<PieceOf<'summarize'>, 'kind'>): Summary {
  const counts = Float64Array.from(piece.counts);
  const at = valuesOfCodes(memory, piece.dtype, piece.codes);
  const values = memory.f64.slice(at / 8, at / 8 + counts.length);
  const { finite, min, max, zeros, nans, infs, negatives, others, sum, l1 } = tally(values, counts);
  const count = finite + nans + infs;
  const distribution = exactDistribution(values, counts);
  const summary = { lows: distribution.lows, highs: null, counts: distribution.counts, codes: distribution.codes };
  const distinct = distribution.counts.length + others;
  const common = { count, zeros, nans, infs, negatives, sparsity: sparsityOf(zeros, count), distinct };
  const quantiles = quantilesOf(distribution, piece.quantiles);
  if (finite === 0) {
    const nothing = { min: null, max: null, mean: null, std: null, l1: 0, l2: 0, quantiles, histogram: null };
    return { ...summary, stats: { ...common, ...nothing } };
  }
  const mean = sum / finite;
  const spec = binSpec({ min, max, allFinite: nans + infs === 0 }, piece.bins);
  const stats = {
    ...common,
    min: min + 0,
    max: max + 0,
    mean,
    std: Math.sqrt(spread(values, counts, mean) / finite),
    l1,
    l2: Math.sqrt(spread(values, counts, 0)),
    quantiles,
    histogram: toHistogram(spec, weightedBins(memory, spec, { at, counts })),
  };
  return { ...summary, stats };
}
