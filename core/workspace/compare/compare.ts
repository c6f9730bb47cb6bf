import { formatShape } from '../../ndarray/shape.ts';
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

/** The bytes that the progress of `compareSides` ends at. */
export function comparedBytes(before: Side, after: Side): number {
  const { pairs, ...unmatched } = matchByName(before, after);
  const values = pairs.filter(isOneShape).reduce((sum, pair) => sum + bytesOf(pair), 0);
  return renameCandidates(unmatched).groups.reduce((sum, group) => sum + candidateBytes(group), values);
}

/**
 * What became of the tensors of `before` in `after`: by name, then by content among those whose names are on one
 * side only. What names and shapes tell is said first, renames last.
 */
export async function compareSides(before: Side, after: Side, options: CompareOptions): Promise<void> {
  const { signal, onFound } = options;
  const { pairs, ...unmatched } = matchByName(before, after);
  const { groups, rest } = renameCandidates(unmatched);
  for (const pair of pairs) if (!isOneShape(pair)) onFound({ kind: 'shape', ...pair, diff: null });
  tellUnmatched(rest, onFound);
  let done = 0;
  const advance = (bytes: number): void => {
    done += bytes;
    options.onProgress?.(Math.floor(done));
  };
  await inParallel(pairs.filter(isOneShape), async (pair) => {
    const diff = await measure(pair, { before, after, ...options, advance });
    onFound({ kind: kindOf(pair, diff), ...pair, diff });
  });
  const renameWork = { before, after, engine: options.engine, work: { signal, priority: 'background' } } as const;
  for (const group of groups) {
    const { renamed, ...left } = await findRenames(group, { ...renameWork, each: inParallel });
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
  return formatShape(before.shape) === formatShape(after.shape);
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
