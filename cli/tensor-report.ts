import { dtypeInfo } from '../core/ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../core/ndarray/lazy-tensor.ts';
import { elementCount } from '../core/ndarray/shape.ts';
import type { AxisNorms, Histogram, ScaledHistogram, TensorEngine, TensorStats } from '../core/stats/engine.ts';
import type { StatsWishes } from './stats-options.ts';

export interface LineNorms {
  readonly lines: 'rows' | 'columns';
  /** Of the matrix that was looked at: the first axis against all others. */
  readonly shape: readonly [rows: number, columns: number];
  readonly l2: readonly number[];
  readonly maxAbs: readonly number[];
  readonly nonFinite: readonly number[];
}

/** What `stats` says of a tensor. */
export interface TensorReport extends Omit<TensorStats, 'histogram'> {
  readonly histogram: Histogram | ScaledHistogram | null;
  readonly norms?: LineNorms;
}

interface Inquiry {
  readonly engine: TensorEngine;
  readonly tensor: LazyTensor;
  readonly wishes: StatsWishes;
}

/** Finds out what is wished for; each question reads the tensor, and takes an equal part of the progress. */
export async function reportOn(
  { engine, tensor, wishes }: Inquiry,
  onProgress: (done: number) => void,
): Promise<TensorReport> {
  const { bins, quantiles, histogram, exact, norms } = wishes;
  const ordered = dtypeInfo(resultDType(tensor)).kind !== 'complex';
  const questions = 1 + [ordered && histogram, ordered && exact, norms].filter(Boolean).length;
  let answered = 0;
  const ask = async <T>(question: (follow: { readonly onProgress: typeof onProgress }) => Promise<T>): Promise<T> => {
    const before = answered * tensor.region.nbytes;
    const answer = await question({ onProgress: (done) => onProgress((before + done) / questions) });
    answered += 1;
    return answer;
  };
  const stats = await ask((follow) => engine.stats(tensor, { bins: histogram ? 1 : bins, quantiles, ...follow }));
  const report: TensorReport = {
    ...stats,
    ...(ordered && histogram && { histogram: await ask((follow) => engine.histogram(tensor, histogram, follow)) }),
    ...(ordered &&
      exact && { quantiles: await ask((follow) => engine.quantiles(tensor, quantiles, { exact, ...follow })) }),
  };
  if (!norms) return report;
  return {
    ...report,
    norms: lineNorms(tensor, norms, await ask((follow) => engine.axisNorms(tensor, null, norms, follow))),
  };
}

function lineNorms(tensor: LazyTensor, lines: 'row' | 'column', { l2, maxAbs, nonFinite }: AxisNorms): LineNorms {
  const [rows = 1, ...others] = tensor.shape;
  return {
    lines: `${lines}s`,
    shape: [rows, elementCount(others)],
    l2: Array.from(l2),
    maxAbs: Array.from(maxAbs),
    nonFinite: Array.from(nonFinite),
  };
}
