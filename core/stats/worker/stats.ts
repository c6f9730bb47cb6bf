import { prefixDistribution } from '../distribution.ts';
import { binSpec, needsCounting, toHistogram } from '../histogram.ts';
import type { StatsRequest, Summary } from '../messages.ts';
import { complexStats, finiteRange, mergeMoments, momentsToStats } from '../moments.ts';
import { countsCodes } from '../pieces.ts';
import { quantilesOf } from '../quantiles.ts';
import { bins } from './bins.ts';
import { codes, summarize } from './codes.ts';
import { isComplex, type PieceContext, tensorOf, wholeRange } from './context.ts';
import { moments } from './moments.ts';

/** All statistics of a tensor of one piece; larger ones are put together by core/stats/stats-job.ts in the same way. */
export function stats(context: PieceContext, request: StatsRequest): Summary {
  const tensor = tensorOf(context);
  const { dtype } = tensor;
  const range = wholeRange(tensor);
  if (countsCodes(dtype)) return summarize(context.memory, { dtype, ...codes(context, range), ...request });
  if (isComplex(dtype)) {
    const { record } = moments(context, range);
    const nothing = { lows: new Float64Array(0), highs: null, counts: new Float64Array(0), codes: new Uint16Array(0) };
    return { ...nothing, stats: complexStats(mergeMoments([record]), range.count) };
  }
  const found = moments(context, { ...range, share: 0.5 });
  const merged = mergeMoments([found.record]);
  const distribution = prefixDistribution(found, { ...merged, rounded: dtype !== 'float32' });
  const base = { ...momentsToStats(merged, range.count), quantiles: quantilesOf(distribution, request.quantiles) };
  if (merged.count === 0) return { ...distribution, stats: { ...base, histogram: null } };
  const spec = binSpec(finiteRange(merged), request.bins);
  const counts = needsCounting(spec) ? bins(context, { ...range, spec, share: 0.5 }) : [merged.count];
  return { ...distribution, stats: { ...base, histogram: toHistogram(spec, counts) } };
}
