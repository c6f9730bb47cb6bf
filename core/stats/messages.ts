import type { SerializedError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { AxisRange, LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { ColorMap, TensorStats } from './engine.ts';
import type { HeatmapPlan } from './heatmap-plan.ts';
import type { BinSpec } from './histogram.ts';

/** Elements of the tensor in C order: `[start, start + count)`. */
export interface ElementRange {
  readonly start: number;
  readonly count: number;
}

/** What a worker can be asked to do for an open job; each kind has one file under worker/. */
export type Piece =
  /** Everything of a tensor of one piece. */
  | { readonly kind: 'stats'; readonly bins: number }
  | ({ readonly kind: 'moments' } & ElementRange)
  | ({ readonly kind: 'codes' } & ElementRange)
  | ({ readonly kind: 'bins'; readonly spec: BinSpec } & ElementRange)
  /** From the counts of all codes of a narrow dtype to its statistics. */
  | { readonly kind: 'summarize'; readonly dtype: DType; readonly counts: Float64Array; readonly bins: number }
  | { readonly kind: 'hash' }
  | ({ readonly kind: 'read' } & ElementRange)
  | { readonly kind: 'cells'; readonly ranges: readonly AxisRange[] }
  /** The pixels `[start, stop)` of the outer axis, reduced. */
  | { readonly kind: 'heatmap'; readonly plan: HeatmapPlan; readonly start: number; readonly stop: number }
  | {
      readonly kind: 'color';
      readonly values: Float32Array;
      readonly colorMap: ColorMap;
      readonly range: readonly [low: number, high: number] | null;
      /** Where the picture was reduced column by column: its width, to turn it by. */
      readonly transposeFrom: number | null;
    }
  | ({ readonly kind: 'diff' } & ElementRange);

export interface Colored {
  readonly values: Float32Array;
  readonly rgba: Uint8ClampedArray;
  readonly range: readonly [low: number, high: number];
}

export interface PieceResults {
  stats: TensorStats;
  moments: Float64Array;
  codes: Uint32Array;
  bins: Uint32Array;
  summarize: TensorStats;
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
