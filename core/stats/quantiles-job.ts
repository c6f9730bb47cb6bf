import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import { resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount } from '../ndarray/shape.ts';
import { CountTable } from './count-table.ts';
import type { Quantile } from './engine.ts';
import type { Job } from './job.ts';
import { cut, PIECE_ELEMENTS } from './pieces.ts';
import { between, rankPair } from './quantiles.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Prefixes that one pass refines: a worker has a table for each. */
const PREFIXES_AT_ONCE = 8;
const DIGIT_BITS = 16;

/** A sorted value that is looked for: its rank among those that begin with `prefix`. */
interface Target {
  prefix: bigint;
  rank: number;
}

interface Format {
  /** Bits of the pattern: float32 values as they are, others as float64. */
  readonly width: 32 | 64;
  /** The exponent in the first 16 bits: all ones where the value is not finite. */
  readonly exponent: number;
}

const FLOAT32: Format = { width: 32, exponent: 0x7f80 };
const FLOAT64: Format = { width: 64, exponent: 0x7ff0 };

/** The digits in the order of the values that they begin: a negative number falls as its pattern rises. */
function ascending(table: CountTable, format: Format, { known, negative }: { known: number; negative: boolean }) {
  const { codes, counts } = table.found();
  const entries = Array.from(codes, (code, k) => ({ code, count: counts[k] ?? 0 }));
  if (known > 0) return negative ? entries.reverse() : entries;
  const finite = entries.filter(({ code }) => (code & format.exponent) !== format.exponent);
  const below = finite.filter(({ code }) => code >= 0x8000).reverse();
  return [...below, ...finite.filter(({ code }) => code < 0x8000)];
}

function numberOf(pattern: bigint, { width }: Format): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, pattern);
  return width === 32 ? view.getFloat32(4) : view.getFloat64(0);
}

interface Selection {
  readonly pool: WorkerPool;
  readonly job: Job;
  readonly tensor: LazyTensor;
  readonly format: Format;
}

/** The counts of the next digit for each prefix; one pass over the tensor for every eight. */
async function countDigits(
  { pool, job, tensor, format }: Selection,
  { prefixes, known }: { readonly prefixes: readonly bigint[]; readonly known: number },
): Promise<CountTable[]> {
  const tables = prefixes.map(() => new CountTable());
  const ranges = cut(elementCount(tensor.shape), PIECE_ELEMENTS);
  const passes = Math.ceil(prefixes.length / PREFIXES_AT_ONCE);
  for (let from = 0; from < prefixes.length; from += PREFIXES_AT_ONCE) {
    const some = prefixes.slice(from, from + PREFIXES_AT_ONCE);
    const pieces = ranges.map((range) => ({ kind: 'digits' as const, known, prefixes: some, ...range }));
    const share = DIGIT_BITS / format.width / passes;
    await pool.fold<'digits'>(job, { pieces, share }, ({ codes, counts, ends }) => {
      ends.forEach((end, k) => {
        const begin = k === 0 ? 0 : (ends[k - 1] ?? 0);
        tables[from + k]?.add({ codes: codes.subarray(begin, end), counts: counts.subarray(begin, end) });
      });
    });
  }
  return tables;
}

/** Moves each target one digit further. */
function refine(
  targets: readonly Target[],
  tables: ReadonlyMap<bigint, CountTable>,
  step: { format: Format; known: number },
) {
  const { format, known } = step;
  const ordered = new Map(
    Array.from(tables, ([prefix, table]) => {
      const negative = known > 0 && prefix >> BigInt(known - 1) === 1n;
      return [prefix, ascending(table, format, { known, negative })] as const;
    }),
  );
  for (const target of targets) {
    for (const { code, count } of ordered.get(target.prefix) ?? []) {
      if (target.rank < count) {
        target.prefix = (target.prefix << 16n) | BigInt(code);
        break;
      }
      target.rank -= count;
    }
  }
}

function finiteCount(table: CountTable, format: Format): number {
  return ascending(table, format, { known: 0, negative: false }).reduce((sum, { count }) => sum + count, 0);
}

/**
 * Quantiles of all finite values, exactly: selection by the bits of the values, 16 at a time. Reads float32 twice,
 * others four times (more for more than eight ranks that lie far apart); memory is bounded by the tables.
 */
export async function runExactQuantiles(
  pool: WorkerPool,
  job: Job,
  { tensor, qs }: { readonly tensor: LazyTensor; readonly qs: readonly number[] },
): Promise<readonly Quantile[] | null> {
  const format = resultDType(tensor) === 'float32' ? FLOAT32 : FLOAT64;
  const selection = { pool, job, tensor, format };
  const [first = new CountTable()] = await countDigits(selection, { prefixes: [0n], known: 0 });
  const count = finiteCount(first, format);
  if (count === 0) return null;
  const pairs = qs.map((q) => rankPair(q, count));
  const ranks = [...new Set(pairs.flatMap(({ lower, upper }) => [lower, upper]))];
  const targets = ranks.map((rank): Target => ({ prefix: 0n, rank }));
  refine(targets, new Map([[0n, first]]), { format, known: 0 });
  for (let known = DIGIT_BITS; known < format.width; known += DIGIT_BITS) {
    const prefixes = [...new Set(targets.map(({ prefix }) => prefix))];
    const tables = await countDigits(selection, { prefixes, known });
    const byPrefix = new Map(prefixes.map((prefix, k) => [prefix, tables[k] ?? new CountTable()]));
    refine(targets, byPrefix, { format, known });
  }
  const values = new Map(ranks.map((rank, k) => [rank, numberOf(targets[k]?.prefix ?? 0n, format)]));
  return pairs.map(({ q, lower, upper, weight }) => {
    const value = between(values.get(lower) ?? 0, values.get(upper) ?? 0, weight) + 0;
    return { q, value, low: value, high: value };
  });
}
