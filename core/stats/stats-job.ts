import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount } from '../ndarray/shape.ts';
import { CountTable } from './count-table.ts';
import { type Distribution, prefixDistribution } from './distribution.ts';
import type { TensorStats } from './engine.ts';
import { binSpec, needsCounting, toHistogram } from './histogram.ts';
import type { Job } from './job.ts';
import type { ElementRange, StatsRequest, Summary } from './messages.ts';
import { complexStats, finiteRange, type Moments, mergeMoments, momentsToStats } from './moments.ts';
import { countsCodes, cut, STATS_PIECE_ELEMENTS } from './pieces.ts';
import { quantilesOf } from './quantiles.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What is known of a tensor once it was read. */
export interface Summarized {
  readonly stats: TensorStats;
  /** Null where nobody asked for it, or values have no order. */
  readonly distribution: Distribution | null;
}

/** What a large tensor's statistics are put together from. */
interface Scan extends StatsRequest {
  readonly pool: WorkerPool;
  readonly job: Job;
  readonly pieces: readonly ElementRange[];
  readonly total: number;
  readonly dtype: DType;
}

/** The moments of all pieces, merged in order, and the counts of float32 prefixes. */
async function scanMoments(
  { pool, job, pieces }: Scan,
  share: number,
): Promise<{ readonly moments: Moments; readonly table: CountTable }> {
  const table = new CountTable();
  const records: Float64Array[] = [];
  await pool.fold<'moments'>(
    job,
    { pieces: pieces.map((piece) => ({ kind: 'moments', ...piece })), share },
    (found, index) => {
      records[index] = found.record;
      table.add(found);
    },
  );
  return { moments: mergeMoments(records), table };
}

/** Two passes: the histogram, unless it is of one bin, needs the range first. */
async function scanValues(scan: Scan): Promise<Summarized> {
  const { pool, job, pieces, total, bins, dtype, quantiles } = scan;
  const { moments, table } = await scanMoments(scan, 0.5);
  const distribution = prefixDistribution(table.found(), { ...moments, rounded: dtype !== 'float32' });
  const found = { ...momentsToStats(moments, total), quantiles: quantilesOf(distribution, quantiles) };
  if (moments.count === 0) return { stats: { ...found, histogram: null }, distribution };
  const spec = binSpec(finiteRange(moments), bins);
  const counts = new Float64Array(bins);
  if (needsCounting(spec)) {
    await pool.fold<'bins'>(
      job,
      { pieces: pieces.map((piece) => ({ kind: 'bins', spec, ...piece })), share: 0.5 },
      (piece) => addTo(counts, piece),
    );
  } else counts[0] = moments.count;
  return { stats: { ...found, histogram: toHistogram(spec, counts) }, distribution };
}

/** Adds whole numbers, which may come in any order. */
export function addTo(sum: Float64Array, piece: Uint32Array): void {
  for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + (piece[k] ?? 0);
}

async function scanCodes({ pool, job, pieces, dtype, bins, quantiles }: Scan): Promise<Summarized> {
  const table = new CountTable();
  await pool.fold<'codes'>(job, { pieces: pieces.map((piece) => ({ kind: 'codes', ...piece })) }, (found) =>
    table.add(found),
  );
  return summarized(
    await pool.runOne<'summarize'>(job, { kind: 'summarize', dtype, bins, quantiles, ...table.found() }),
  );
}

function summarized({ stats, lows, highs, counts, codes }: Summary): Summarized {
  return { stats, distribution: counts.length > 0 ? { lows, highs: highs ?? lows, counts, codes } : null };
}

/** Statistics of a checked tensor: in one piece where it is small, else piece by piece and merged in order. */
export async function runStats(
  pool: WorkerPool,
  job: Job,
  task: StatsRequest & { readonly tensor: LazyTensor },
): Promise<Summarized> {
  const { tensor, bins, quantiles } = task;
  const dtype = resultDType(tensor);
  const total = elementCount(tensor.shape);
  const pieces = cut(total, STATS_PIECE_ELEMENTS);
  if (pieces.length <= 1) return summarized(await pool.runOne<'stats'>(job, { kind: 'stats', bins, quantiles }));
  const scan = { pool, job, pieces, total, dtype, bins, quantiles };
  if (dtypeInfo(dtype).kind === 'complex') {
    const { moments } = await scanMoments(scan, 1);
    return { stats: complexStats(moments, total), distribution: null };
  }
  return countsCodes(dtype) ? await scanCodes(scan) : await scanValues(scan);
}

/** What a histogram over any axis begins with: one pass, and no histogram of its own. */
export async function scanDistribution(pool: WorkerPool, job: Job, tensor: LazyTensor): Promise<Summarized> {
  const dtype = resultDType(tensor);
  const total = elementCount(tensor.shape);
  const request = { bins: 1, quantiles: [] };
  if (countsCodes(dtype) || total === 0) return await runStats(pool, job, { tensor, ...request });
  const scan = { pool, job, pieces: cut(total, STATS_PIECE_ELEMENTS), total, dtype, ...request };
  const { moments, table } = await scanMoments(scan, 0.5);
  const distribution = prefixDistribution(table.found(), { ...moments, rounded: dtype !== 'float32' });
  return { stats: { ...momentsToStats(moments, total), quantiles: null, histogram: null }, distribution };
}
