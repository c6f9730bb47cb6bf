import type { TensorDiff, TensorEngine, Tolerance, WorkOptions } from '../../stats/engine.ts';
import { type Candidates, matchByName, type Pair, renameCandidates } from './match.ts';
import { findRenames } from './renames.ts';
import type { Side, SideTensor } from './sides.ts';

/** `same`: not a bit differs; `within`: no element differs by more than the tolerance; `renamed`: bit for bit. */
export type ComparedKind = 'value' | 'dtype' | 'shape' | 'renamed' | 'added' | 'removed' | 'same' | 'within';

/** What became of a tensor. */
export interface Compared {
  readonly kind: ComparedKind;
  /** Null where it was added. */
  readonly before: SideTensor | null;
  /** Null where it was removed. */
  readonly after: SideTensor | null;
  /** Null where there are no two values of one shape to compare. */
  readonly diff: TensorDiff | null;
}

export type ComparingEngine = Pick<TensorEngine, 'diff' | 'hash' | 'read'>;

export interface CompareOptions extends Pick<WorkOptions, 'signal' | 'onProgress'> {
  readonly engine: ComparingEngine;
  readonly tolerance?: Tolerance | undefined;
  /** Told of each tensor once, in no order. */
  readonly onFound: (found: Compared) => void;
}

/** Enough under way to keep every worker busy while the previous result travels back. */
const AT_ONCE = 8;

/** What is to be compared with what. */
export interface ComparisonPlan {
  readonly before: Side;
  readonly after: Side;
  /** Of one name and shape. */
  readonly pairs: readonly Pair[];
  /** Of one name and two shapes. */
  readonly reshaped: readonly Pair[];
  /** What may have been renamed, and what cannot. */
  readonly candidates: readonly Candidates[];
  readonly unmatched: Candidates;
  /** That the progress of the comparison ends at. */
  readonly bytes: number;
}

export function planComparison(before: Side, after: Side): ComparisonPlan {
  const { pairs: named, ...others } = matchByName(before, after);
  const { groups: candidates, rest: unmatched } = renameCandidates(others);
  const pairs = named.filter(isOneShape);
  const reshaped = pairs.length === named.length ? [] : named.filter((pair) => !isOneShape(pair));
  const values = pairs.reduce((sum, pair) => sum + bytesOf(pair), 0);
  const bytes = candidates.reduce((sum, group) => sum + candidateBytes(group), values);
  return { before, after, pairs, reshaped, candidates, unmatched, bytes };
}

/**
 * What became of the tensors of one side in the other: by name, then by content among those whose names are on one
 * side only. What names and shapes tell is said first, renames last.
 */
export async function compareSides(plan: ComparisonPlan, options: CompareOptions): Promise<void> {
  const { before, after, pairs, reshaped, candidates, unmatched } = plan;
  const { engine, signal, onFound } = options;
  for (const pair of reshaped) onFound({ kind: 'shape', ...pair, diff: null });
  tellUnmatched(unmatched, onFound);
  let done = 0;
  const advance = (bytes: number): void => {
    done += bytes;
    options.onProgress?.(Math.floor(done));
  };
  await inParallel(pairs, async (pair) => {
    const diff = await measure(pair, { before, after, ...options, advance });
    onFound({ kind: kindOf(pair, diff), ...pair, diff });
  });
  const work = { signal, priority: 'background' } as const;
  for (const group of candidates) {
    const { renamed, ...left } = await findRenames(group, { before, after, engine, work, each: inParallel });
    for (const pair of renamed) onFound({ kind: 'renamed', ...pair, diff: null });
    tellUnmatched(left, onFound);
    advance(candidateBytes(group));
  }
}

interface Measuring extends Pick<CompareOptions, 'engine' | 'signal' | 'tolerance'> {
  readonly before: Side;
  readonly after: Side;
  readonly advance: (bytes: number) => void;
}

/** Progress in bytes of the values, whatever of them lies in files. */
async function measure(pair: Pair, { before, after, engine, signal, tolerance, advance }: Measuring) {
  const [a, b] = [before.lazy(pair.before), after.lazy(pair.after)];
  const stored = a.region.nbytes + b.region.nbytes;
  const bytes = bytesOf(pair);
  let told = 0;
  const tell = (share: number): void => {
    advance(bytes * share - told);
    told = bytes * share;
  };
  const onProgress = (part: number): void => tell(Math.min(1, stored === 0 ? 1 : part / stored));
  const diff = await engine.diff(a, b, { signal, tolerance, onProgress, priority: 'background' });
  tell(1);
  return diff;
}

function kindOf({ before, after }: Pair, { identicalBytes, beyondTolerance }: TensorDiff): ComparedKind {
  if (before.dtype === after.dtype && identicalBytes) return 'same';
  if (beyondTolerance === 0) return 'within';
  return before.dtype === after.dtype ? 'value' : 'dtype';
}

function tellUnmatched({ removed, added }: Candidates, onFound: CompareOptions['onFound']): void {
  for (const before of removed) onFound({ kind: 'removed', before, after: null, diff: null });
  for (const after of added) onFound({ kind: 'added', before: null, after, diff: null });
}

function isOneShape({ before, after }: Pair): boolean {
  return before.shape.length === after.shape.length && before.shape.every((size, axis) => size === after.shape[axis]);
}

function bytesOf({ before, after }: Pair): number {
  return before.bytes + after.bytes;
}

function candidateBytes({ removed, added }: Candidates): number {
  return [...removed, ...added].reduce((sum: number, { bytes }: SideTensor) => sum + bytes, 0);
}

/** Stops at the first failure, and throws it. */
async function inParallel<T>(items: readonly T[], job: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  let failed = false;
  const run = async (): Promise<void> => {
    for (const item of waiting) {
      if (failed) return;
      await job(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, run));
}
