import type { DType } from '../ndarray/dtype.ts';
import type { AxisRange, LazyTensor } from '../ndarray/lazy-tensor.ts';

/** How a caller follows and stops long work. */
export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Called with the bytes of stored data done so far; monotonic. Ends at the size of the tensor (of both,
   * for a diff), and for cells and heatmaps at what was read.
   */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
  /** What the user looks at (`'view'`, the default) overtakes what runs in the background. */
  readonly priority?: 'view' | 'background' | undefined;
}

/** As `numpy.histogram` of the finite values in float64: equal bins from the least to the largest. */
export interface Histogram {
  /** `counts.length + 1` ascending float64 edges; the last bin includes its right edge, as NumPy's. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/**
 * `count`, `zeros` (+0 and -0), `nans` and `infs` are over all elements; `min`, `max`, `mean`, `std`
 * (population) and `l2` in float64 over the finite ones, null where there are none (`l2` is then 0
 * as the sum of nothing). Complex tensors carry counts only. The histogram spans the finite range.
 */
export interface TensorStats {
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly l2: number | null;
  readonly zeros: number;
  readonly nans: number;
  readonly infs: number;
  readonly histogram: Histogram | null;
}

/** How the bytes of a `CellBlock` are to be read, little-endian: enough to show every dtype exactly. */
export type CellEncoding = 'float64' | 'int64' | 'uint64' | 'complex128';

export interface CellBlock {
  readonly dtype: DType;
  readonly encoding: CellEncoding;
  /** One size per axis of the request, in C order. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface HeatmapRequest {
  /** The axes that run down and across; null for an axis that the tensor does not have (rank below 2). */
  readonly rowAxis: number | null;
  readonly columnAxis: number | null;
  /** One index per axis of the tensor; those of the row and column axis are ignored. */
  readonly index: readonly number[];
  /** Half-open window of the matrix, in elements. */
  readonly rows: readonly [start: number, stop: number];
  readonly columns: readonly [start: number, stop: number];
  /** Size of the picture in pixels, at most 1024 × 1024; never more than the window has elements. */
  readonly height: number;
  readonly width: number;
  /** How the elements under one pixel become one value; complex elements count by their modulus, `'sample'` takes the middle one. */
  readonly reduce: 'mean' | 'maxabs' | 'sample';
  readonly colorMap: ColorMap;
  /** Values at the two ends of the colour scale; null to take the extremes of the picture (symmetric about 0 for a diverging map). */
  readonly range: readonly [low: number, high: number] | null;
}

export const COLOR_MAPS = ['diverging', 'sequential', 'gray'] as const;
export type ColorMap = (typeof COLOR_MAPS)[number];

export interface Heatmap {
  readonly height: number;
  readonly width: number;
  /** One reduced value per pixel, C order; NaN where every element under the pixel is NaN, or where opposite infinities meet in a mean. */
  readonly values: Float32Array;
  /** The same picture, coloured: RGBA, 4 bytes per pixel; NaN and the infinities have colours of their own. */
  readonly rgba: Uint8ClampedArray;
  readonly range: readonly [low: number, high: number];
  /** False where elements were skipped to stay within the read budget. */
  readonly exact: boolean;
}

/**
 * How far `b` is from `a`, in float64 (64-bit integers of one dtype exactly). Pairs with a NaN are left
 * out of all measures; equal infinities are no distance apart, others infinitely far.
 */
export interface TensorDiff {
  /** Null, as `meanAbs`, where there is no pair to measure. */
  readonly maxAbs: number | null;
  readonly meanAbs: number | null;
  /** `‖a − b‖₂ / ‖a‖₂`; null where ‖a‖ is 0 or not finite. */
  readonly relL2: number | null;
  /** Null where either norm is 0 or not finite. */
  readonly cosine: number | null;
  /** Elements whose values differ; NaN equals NaN, +0 equals −0. */
  readonly changedCount: number;
  /** True where not even the bytes differ. */
  readonly identicalBytes: boolean;
}

/**
 * Everything that touches elements. Work runs on worker threads in WASM kernels over bounded
 * pieces; the caller's thread only routes messages. Aborting rejects with `CancelledError`; a file
 * that changed since its stamp rejects with `FileChangedError`.
 */
export interface TensorEngine {
  /** `bins` (64 by default) is 1 to 4096. */
  stats(tensor: LazyTensor, options?: WorkOptions & { readonly bins?: number }): Promise<TensorStats>;
  /** SHA-256, hex, of the C-order little-endian element bytes after all steps. */
  hash(tensor: LazyTensor, options?: WorkOptions): Promise<string>;
  /** Storage bytes (in the result dtype) of the elements `[start, start + count)`, at most 64 MiB; packed dtypes want multiples of 8 elements, quantized ones of their block. */
  read(tensor: LazyTensor, start: number, count: number, options?: WorkOptions): Promise<Uint8Array>;
  /** The elements of a basic slice, widened for display; at most 1,048,576 of them. */
  cells(tensor: LazyTensor, ranges: readonly AxisRange[], options?: WorkOptions): Promise<CellBlock>;
  heatmap(tensor: LazyTensor, request: HeatmapRequest, options?: WorkOptions): Promise<Heatmap>;
  /** Both tensors must have one shape; dtypes may differ. */
  diff(a: LazyTensor, b: LazyTensor, options?: WorkOptions): Promise<TensorDiff>;
  close(): Promise<void>;
}
