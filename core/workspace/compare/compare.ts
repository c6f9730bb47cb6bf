import type { TensorDiff, TensorEngine, WorkOptions } from '../../stats/engine.ts';
import type { ComparedKind, ComparisonRequest } from './compared.ts';
import { inParallel } from './in-parallel.ts';
import { bytesOf, type ComparisonPlan, type Pair, type Unmatched } from './plan.ts';
import { findRenames } from './renames.ts';

export type ComparingEngine = Pick<TensorEngine, 'diff' | 'hash' | 'read'>;

export interface CompareOptions extends ComparisonRequest, Pick<WorkOptions, 'onProgress'> {
  readonly engine: ComparingEngine;
}

/**
 * What became of the tensors of one side in the other: by name, then by content among those whose names are on one
 * side only. What names and shapes tell is said first, renames last.
 */
export async function compareSides(plan: ComparisonPlan, options: CompareOptions): Promise<void> {
  const { before, after, pairs, reshaped, candidates, rest } = plan;
  const { engine, signal, onFound } = options;
  for (const pair of reshaped) onFound({ kind: 'shape', ...pair, diff: null });
  tellUnmatched(rest, onFound);
  let done = 0;
  const advance = (bytes: number): void => {
    done += bytes;
    options.onProgress?.(Math.floor(done));
  };
  await inParallel(pairs, async (pair) => {
    const diff = await measure(pair, { plan, ...options, advance });
    onFound({ kind: kindOf(pair, diff), ...pair, diff });
  });
  for (const group of candidates) {
    const { renamed, ...left } = await findRenames(group, { before, after, engine, signal });
    for (const pair of renamed) onFound({ kind: 'renamed', ...pair, diff: null });
    tellUnmatched(left, onFound);
    advance(bytesOf(group));
  }
}

interface Measuring extends Pick<CompareOptions, 'engine' | 'signal' | 'tolerance'> {
  readonly plan: ComparisonPlan;
  readonly advance: (bytes: number) => void;
}

/** Progress in bytes of the values, whatever of them lies in files. */
async function measure(pair: Pair, { plan, engine, signal, tolerance, advance }: Measuring): Promise<TensorDiff> {
  const [a, b] = [plan.before.lazy(pair.before), plan.after.lazy(pair.after)];
  const stored = a.region.nbytes + b.region.nbytes;
  const bytes = pair.before.bytes + pair.after.bytes;
  let told = 0;
  const tell = (share: number): void => {
    advance(bytes * share - told);
    told = bytes * share;
  };
  const onProgress = (part: number): void => tell(stored === 0 ? 1 : Math.min(1, part / stored));
  const diff = await engine.diff(a, b, { signal, tolerance, onProgress, priority: 'background' });
  tell(1);
  return diff;
}

function kindOf({ before, after }: Pair, { identicalBytes, beyondTolerance }: TensorDiff): ComparedKind {
  if (before.dtype === after.dtype && identicalBytes) return 'same';
  if (beyondTolerance === 0) return 'within';
  return before.dtype === after.dtype ? 'value' : 'dtype';
}

function tellUnmatched({ removed, added }: Unmatched, onFound: CompareOptions['onFound']): void {
  for (const before of removed) onFound({ kind: 'removed', before, after: null, diff: null });
  for (const after of added) onFound({ kind: 'added', before: null, after, diff: null });
}
