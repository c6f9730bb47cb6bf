import type { SerializedError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { AxisRange, LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { SparseCounts } from './count-table.ts';
import type { Distribution } from './distribution.ts';
import type { Heatmap, HeatmapRequest, TensorStats, Tolerance } from './engine.ts';
import type { HeatmapPlan } from './heatmap-plan.ts';
import type { BinSpec } from './histogram.ts';
import type { NormsPiece, NormsPlan } from './norms-plan.ts';
import type { MatrixPlan, Span } from './spectrum/matrix-plan.ts';
import type { SharedMemory } from './spectrum/shared-memory.ts';
import type { SpectrumStep } from './spectrum/steps.ts';
import type { Survey } from './spectrum/survey.ts';

/** Elements of the tensor in C order: `[start, start + count)`. */
export interface ElementRange {
  readonly start: number;
  readonly count: number;
}

/** What a worker can be asked to do for an open job; each kind has one file under worker/. */
export type Piece =
  /** Everything of a tensor of one piece. */
  | { readonly kind: 'stats'; readonly bins: number; readonly quantiles: readonly number[] }
  /** Nothing but a look whether the file is still the one that was opened. */
  | { readonly kind: 'verify' }
  | ({ readonly kind: 'moments' } & ElementRange)
  | ({ readonly kind: 'codes' } & ElementRange)
  | ({ readonly kind: 'bins'; readonly spec: BinSpec } & ElementRange)
  /** From the counts of all codes of a narrow dtype to its statistics. */
  | ({ readonly kind: 'summarize'; readonly dtype: DType } & StatsRequest & SparseCounts)
  /** Bins between free edges, of the values that their prefixes alone do not tell. */
  | ({ readonly kind: 'straddlers'; readonly edges: Float64Array; readonly slots: Uint16Array } & ElementRange)
  /** How the bit patterns that begin with `prefixes` (of `known` bits) go on. */
  | ({ readonly kind: 'digits'; readonly known: number; readonly prefixes: readonly bigint[] } & ElementRange)
  /** Of a band of lines of a matrix. */
  | ({ readonly kind: 'norms'; readonly plan: NormsPlan } & NormsPiece)
  /** Of lines of a matrix. */
  | ({ readonly kind: 'survey'; readonly plan: MatrixPlan } & Span)
  /** One step of a spectrum in a memory that its workers share; the matrix is computed with in multiples of `2^exponent`. */
  | {
      readonly kind: 'spectrum';
      readonly memory: SharedMemory;
      readonly plan: MatrixPlan;
      readonly exponent: number;
      readonly step: SpectrumStep;
    }
  | { readonly kind: 'hash' }
  | ({ readonly kind: 'read' } & ElementRange)
  | { readonly kind: 'cells'; readonly ranges: readonly AxisRange[] }
  /** The pixels `[start, stop)` of the outer axis, reduced. */
  | { readonly kind: 'heatmap'; readonly plan: HeatmapPlan; readonly start: number; readonly stop: number }
  | {
      readonly kind: 'color';
      readonly values: Float32Array;
      readonly colorMap: HeatmapRequest['colorMap'];
      readonly range: HeatmapRequest['range'];
      /** Where the picture was reduced column by column: its width, to turn it by. */
      readonly transposeFrom: number | null;
    }
  | ({ readonly kind: 'diff'; readonly tolerance: Tolerance | null } & ElementRange);

export interface StatsRequest {
  readonly bins: number;
  readonly quantiles: readonly number[];
}

/** Statistics with the distribution that they were taken from, for whoever asks again. */
export interface Summary extends Omit<Distribution, 'highs'> {
  readonly stats: TensorStats;
  /** Null where all values are exact. */
  readonly highs: Float64Array | null;
}

export type Colored = Pick<Heatmap, 'values' | 'rgba' | 'range' | 'rangeChoice'>;

export interface PieceResults {
  stats: Summary;
  verify: null;
  moments: SparseCounts & { readonly record: Float64Array };
  codes: SparseCounts;
  bins: Uint32Array;
  summarize: Summary;
  straddlers: Uint32Array;
  /** The found counts of each prefix, one after the other; `ends` says where each has its end. */
  digits: SparseCounts & { readonly ends: Uint32Array };
  /** Sums of squares, largest magnitudes and numbers of values that are not finite. */
  norms: { readonly squares: Float64Array; readonly most: Float64Array; readonly others: Float64Array };
  survey: Survey;
  spectrum: null;
  hash: string;
  read: Uint8Array;
  cells: Uint8Array;
  heatmap: Float32Array;
  color: Colored;
  diff: { readonly record: Float64Array; readonly identical: boolean };
}

export type PieceKind = Piece['kind'];
export type PieceOf<K extends PieceKind> = Extract<Piece, { readonly kind: K }>;
export type PieceResult = PieceResults[PieceKind];

export type ToWorker =
  /** `cancel` is shared: 1 stops the running piece at its next chunk. */
  | {
      readonly type: 'open';
      readonly job: number;
      readonly tensors: readonly LazyTensor[];
      readonly cancel: Int32Array;
    }
  | { readonly type: 'run'; readonly job: number; readonly task: number; readonly piece: Piece }
  | { readonly type: 'close'; readonly job: number };

export type FromWorker =
  | { readonly type: 'progress'; readonly task: number; readonly bytes: number }
  /** `bytes`: what the last progress message did not count. */
  | { readonly type: 'done'; readonly task: number; readonly bytes: number; readonly result: PieceResult }
  | { readonly type: 'failed'; readonly task: number; readonly error: SerializedError };
