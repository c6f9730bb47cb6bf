import type { TensorStats } from '../engine.ts';
import { binSpec, toHistogram } from '../histogram.ts';
import { complexStats, finiteRange, mergeMoments, momentsToStats } from '../moments.ts';
import { countsCodes } from '../pieces.ts';
import { bins } from './bins.ts';
import { codes, summarize } from './codes.ts';
import { isComplex, type PieceContext, tensorOf, wholeRange } from './context.ts';
import { moments } from './moments.ts';

/** All statistics of a tensor of one piece; larger ones are put together by core/stats/stats-job.ts in the same way. */
export function stats(context: PieceContext, { bins: binCount }: { readonly bins: number }): TensorStats {
  const tensor = tensorOf(context);
  const range = wholeRange(tensor);
  if (countsCodes(tensor.dtype, range.count)) {
    const counts = Float64Array.from(codes(context, range));
    return summarize(context.memory, { dtype: tensor.dtype, counts, bins: binCount });
  }
  if (isComplex(tensor.dtype)) return complexStats(mergeMoments([moments(context, range)]), range.count);
  const merged = mergeMoments([moments(context, { ...range, share: 0.5 })]);
  if (merged.count === 0) return momentsToStats(merged, range.count, null);
  const spec = binSpec(finiteRange(merged), binCount);
  const counts = bins(context, { ...range, spec, share: 0.5 });
  return momentsToStats(merged, range.count, toHistogram(spec, counts));
}
