import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { binSpec, toHistogram } from '../histogram.ts';
import type { ElementRange, PieceOf, PieceResults, Summary } from '../messages.ts';
import { sparsityOf } from '../moments.ts';
import { quantilesOf } from '../quantiles.ts';
import { decodeCodes, unpackCodes } from './codec.ts';
import { forEachStored, type PieceContext, tensorOf } from './context.ts';
import { foundCounts } from './found-counts.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';
import { CountedValues } from './tally.ts';

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
  const counted = new CountedValues(memory, at, counts);
  const { finite, min, max, zeros, nans, infs, negatives, others, sum, l1 } = counted.tally();
  const count = finite + nans + infs;
  const distribution = counted.distribution();
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
    std: Math.sqrt(counted.spread(mean) / finite),
    l1,
    l2: Math.sqrt(counted.spread(0)),
    quantiles,
    histogram: toHistogram(spec, counted.bins(spec)),
  };
  return { ...summary, stats };
}
