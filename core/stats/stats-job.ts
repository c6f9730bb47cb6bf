import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount } from '../ndarray/shape.ts';
import type { TensorStats } from './engine.ts';
import { binSpec, toHistogram } from './histogram.ts';
import type { Job } from './job.ts';
import { complexStats, finiteRange, mergeMoments, momentsToStats } from './moments.ts';
import { countsCodes, cut, statsPieceElements } from './pieces.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What a large tensor's statistics are put together from. */
interface Scan {
  readonly pool: WorkerPool;
  readonly job: Job;
  readonly pieces: readonly { readonly start: number; readonly count: number }[];
  readonly total: number;
  readonly bins: number;
}

/** Adds tables of counts; past 2^32 a float64 still counts exactly. */
function addCounts(tables: readonly Uint32Array[]): Float64Array {
  const sum = new Float64Array(tables[0]?.length ?? 0);
  for (const table of tables) {
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + (table[k] ?? 0);
  }
  return sum;
}

/** Two passes: the histogram needs the range first. */
async function scanValues({ pool, job, pieces, total, bins }: Scan): Promise<TensorStats> {
  const records = await pool.run<'moments'>(
    job,
    pieces.map((piece) => ({ kind: 'moments', ...piece })),
    0.5,
  );
  const moments = mergeMoments(records);
  if (moments.count === 0) return momentsToStats(moments, total, null);
  const spec = binSpec(finiteRange(moments), bins);
  const tables = await pool.run<'bins'>(
    job,
    pieces.map((piece) => ({ kind: 'bins', spec, ...piece })),
    0.5,
  );
  return momentsToStats(moments, total, toHistogram(spec, addCounts(tables)));
}

async function scanComplex({ pool, job, pieces, total }: Scan): Promise<TensorStats> {
  const records = await pool.run<'moments'>(
    job,
    pieces.map((piece) => ({ kind: 'moments', ...piece })),
  );
  return complexStats(mergeMoments(records), total);
}

async function scanCodes({ pool, job, pieces, bins }: Scan, dtype: DType): Promise<TensorStats> {
  const tables = await pool.run<'codes'>(
    job,
    pieces.map((piece) => ({ kind: 'codes', ...piece })),
  );
  return pool.runOne<'summarize'>(job, { kind: 'summarize', dtype, counts: addCounts(tables), bins });
}

/** Statistics of a checked tensor: in one piece where it is small, else piece by piece and merged in order. */
export async function runStats(
  pool: WorkerPool,
  job: Job,
  task: { tensor: LazyTensor; bins: number },
): Promise<TensorStats> {
  const { tensor, bins } = task;
  const dtype = resultDType(tensor);
  const total = elementCount(tensor.shape);
  const pieces = cut(total, statsPieceElements(dtype, total));
  if (pieces.length <= 1) {
    return pool.runOne<'stats'>(job, { kind: 'stats', bins });
  }
  const scan = { pool, job, pieces, total, bins };
  if (dtypeInfo(dtype).kind === 'complex') return scanComplex(scan);
  if (!countsCodes(dtype, total)) return scanValues(scan);
  return scanCodes(scan, dtype);
}
