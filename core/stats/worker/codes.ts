import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import type { TensorStats } from '../engine.ts';
import { binSpec, toHistogram } from '../histogram.ts';
import type { ElementRange, PieceOf } from '../messages.ts';
import { addCompensated } from '../moments.ts';
import { weightedBins } from './bins.ts';
import { decodeCodes, unpackCodes } from './codec.ts';
import { forEachChunk, type PieceContext, tensorOf } from './context.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';

/**
 * Statistics of narrow dtypes by counting: a pass over the elements counts how often each bit pattern
 * occurs, and everything else follows from at most 65,536 counts, exact and in any order.
 */
export function codes(context: PieceContext, range: ElementRange): Uint32Array {
  const { kernels, u32 } = context.memory;
  const tensor = tensorOf(context);
  const { dtype } = tensor;
  const entries = dtypeInfo(dtype).bits === 16 ? 65_536 : 256;
  const counts = u32.subarray(ADDRESS.codeCounts / 4, ADDRESS.codeCounts / 4 + entries);
  counts.fill(0);
  forEachChunk(context, range, (start, n) => {
    const at = tensor.storage(start, n);
    if (entries === 65_536) kernels.count16(at, n, ADDRESS.codeCounts);
    else kernels.count8(unpackCodes(kernels, dtype, { at, n }), n, ADDRESS.codeCounts);
  });
  return counts.slice();
}

interface Tally {
  readonly finite: number;
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
  readonly nans: number;
  readonly infs: number;
  readonly sum: number;
}

function tally(values: Float64Array, counts: Float64Array): Tally {
  const sum = { value: 0, lost: 0 };
  let [finite, zeros, nans, infs] = [0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  counts.forEach((count, code) => {
    const value = values[code] ?? Number.NaN;
    if (count === 0) return;
    if (Number.isNaN(value)) nans += count;
    else if (!Number.isFinite(value)) infs += count;
    else {
      finite += count;
      if (value === 0) zeros += count;
      min = Math.min(min, value);
      max = Math.max(max, value);
      addCompensated(sum, value * count);
    }
  });
  return { finite, min, max, zeros, nans, infs, sum: sum.value + sum.lost };
}

/** Σ count · (value − centre)² over the finite values. */
function spread(values: Float64Array, counts: Float64Array, centre: number): number {
  const total = { value: 0, lost: 0 };
  counts.forEach((count, code) => {
    const distance = (values[code] ?? Number.NaN) - centre;
    if (count !== 0 && Number.isFinite(distance)) addCompensated(total, count * distance * distance);
  });
  return total.value + total.lost;
}

/** Writes every code of `dtype` and decodes it: the value of code `c` is the float64 at `address + 8 c`. */
function valuesOfCodes(memory: KernelMemory, dtype: DType, entries: number): number {
  const [src, dst] = [ADDRESS.storage[0], ADDRESS.lanes[0]];
  for (let code = 0; code < entries; code++) {
    if (entries === 256) memory.bytes[src + code] = code;
    else memory.bytes.set([code & 255, code >> 8], src + 2 * code);
  }
  decodeCodes(memory.kernels, dtype, { src, dst, n: entries });
  return dst;
}

export function summarize(memory: KernelMemory, piece: Omit<PieceOf<'summarize'>, 'kind'>): TensorStats {
  const { counts } = piece;
  const at = valuesOfCodes(memory, piece.dtype, counts.length);
  const values = memory.f64.subarray(at / 8, at / 8 + counts.length);
  const { finite, min, max, zeros, nans, infs, sum } = tally(values, counts);
  const common = { count: finite + nans + infs, zeros, nans, infs };
  if (finite === 0) return { ...common, min: null, max: null, mean: null, std: null, l2: 0, histogram: null };
  const mean = sum / finite;
  const spec = binSpec({ min, max, allFinite: nans + infs === 0 }, piece.bins);
  return {
    ...common,
    min: min + 0,
    max: max + 0,
    mean,
    std: Math.sqrt(spread(values, counts, mean) / finite),
    l2: Math.sqrt(spread(values, counts, 0)),
    histogram: toHistogram(spec, weightedBins(memory, spec, { at, counts })),
  };
}
