import type { DType } from '../ndarray/dtype.ts';
import type { AxisRange, LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { Spectrum, SpectrumRequest } from './spectrum/spectrum.ts';

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
 * The value below which a share `q` of the finite elements lies, interpolated as numpy.quantile does. The true one is
 * within `[low, high]`, always; where it was taken from all values exactly, the three are equal.
 */
export interface Quantile {
  readonly q: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export const DEFAULT_QUANTILES: readonly number[] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/**
 * `count`, `zeros` (+0 and -0), `nans`, `infs` and `negatives` (below zero, -Infinity included) are over all
 * elements; `min`, `max`, `mean`, `std` (population), `l1` (Σ|x|), `l2` and the quantiles in float64 over the finite
 * ones, null where there are none (`l1` and `l2` are then 0 as the sum of nothing). `sparsity` is zeros / count, null
 * of an empty tensor. Complex tensors carry counts only, without `negatives`. The histogram spans the finite range.
 */
export interface TensorStats {
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly l1: number | null;
  readonly l2: number | null;
  readonly zeros: number;
  readonly nans: number;
  readonly infs: number;
  readonly negatives: number | null;
  readonly sparsity: number | null;
  /** How many different values there are (all NaNs are one, so are +0 and -0); null for dtypes of more than 16 bits. */
  readonly distinct: number | null;
  /**
   * Exact for dtypes of at most 16 bits. Of wider ones the same pass counts sign, exponent and the upper seven bits
   * of the fraction, of float64 and wide integers after rounding to float32: `[low, high]` is what these counts leave
   * open, at most 1/128 of the value's size within the range of float32. `quantiles` of the engine gives exact ones.
   */
  readonly quantiles: readonly Quantile[] | null;
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
  /**
   * `'quick'`, the default, skips elements where all would take more than 64 MiB of reading; `'exact'`
   * reads all, however long it takes, in bounded memory.
   */
  readonly effort?: 'quick' | 'exact' | undefined;
  readonly colorMap: ColorMap;
  /** Values at the two ends of the colour scale, or how to choose them; null for `'symmetric'` with a diverging map and `'full'` with others. */
  readonly range: readonly [low: number, high: number] | HeatmapRange | null;
}

/**
 * The colour scale's ends, from the finite pixels of the picture: its extremes; as far either way as the farther
 * extreme from 0; the 1st and the 99th percentile (as far either way as the farther of them, with a diverging map).
 */
export const HEATMAP_RANGES = ['full', 'symmetric', 'robust'] as const;
export type HeatmapRange = (typeof HEATMAP_RANGES)[number];

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
  /** How the range came about. */
  readonly rangeChoice: HeatmapRange | 'given';
  /** False where elements were skipped to stay within the read budget. */
  readonly exact: boolean;
}

/** What still counts as equal: `|a − b| ≤ absolute + relative · |a|`, element by element. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export interface DiffOptions extends WorkOptions {
  readonly tolerance?: Tolerance | undefined;
}

/**
 * How far `b` is from `a`, in float64; 64-bit integers are told apart from one another and from real numbers exactly.
 * Pairs with a NaN are left out of all measures; equal infinities are no distance apart, others infinitely far.
 * Positions are those of elements in C order.
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
  /** Where the first of them is; null where there is none. */
  readonly firstIndex: number | null;
  /** Where `maxAbs` is first reached; null where no pair that is measured differs. */
  readonly maxIndex: number | null;
  /** Elements that are NaN in `a` alone, in `b` alone, and in both. */
  readonly nans: { readonly a: number; readonly b: number; readonly both: number };
  /** Elements that differ by more than the tolerance, those with one NaN included; null where none was given. */
  readonly beyondTolerance: number | null;
  /** True where not even the bytes differ. */
  readonly identicalBytes: boolean;
}

export const HISTOGRAM_SCALES = ['linear', 'log', 'symlog'] as const;

export interface HistogramRequest {
  /** 64 by default, 1 to 4096. */
  readonly bins?: number | undefined;
  /** Bins of equal width in x, in log x, or in x up to a threshold and in log |x| beyond it. */
  readonly scale: (typeof HISTOGRAM_SCALES)[number];
  /** All finite values (of an axis of logarithms: the positive ones), all but 0.1 % at either end, or what is given. */
  readonly range: 'full' | 'robust' | readonly [low: number, high: number];
  /** Of symlog; by default 1/1000 of what a robust range reaches. */
  readonly linearThreshold?: number | undefined;
}

/** A histogram whose counts, with everything that is in no bin, add up to all elements. */
export interface ScaledHistogram extends Histogram {
  readonly scale: HistogramRequest['scale'];
  readonly linearThreshold: number | null;
  /** Finite values outside the edges; of an axis of logarithms, positive ones. */
  readonly below: number;
  readonly above: number;
  /** Finite values that an axis of logarithms cannot show; 0 on others. */
  readonly zeros: number;
  readonly negatives: number;
  readonly nans: number;
  readonly infs: number;
  /** Whether the values had to be read for it, beyond what earlier looks (or its own first pass) had counted. */
  readonly reread: boolean;
}

/** A matrix in a tensor: two of its axes (null where it has fewer), and an index for each other one. */
export interface MatrixSlice {
  readonly rowAxis: number | null;
  readonly columnAxis: number | null;
  /** One index per axis of the tensor; those of the row and column axis are ignored. */
  readonly index: readonly number[];
}

/** One number per line, over its finite values (complex ones by their modulus); l2 is Infinity where squares overflow. */
export interface AxisNorms {
  readonly l2: Float64Array;
  readonly maxAbs: Float64Array;
  /** How many values of the line are not finite. */
  readonly nonFinite: Float64Array;
}

export interface StatsOptions extends WorkOptions {
  /** 64 by default, 1 to 4096. */
  readonly bins?: number | undefined;
  /** `DEFAULT_QUANTILES` unless told. */
  readonly quantiles?: readonly number[] | undefined;
}

/**
 * Everything that touches elements. Work runs on worker threads in WASM kernels over bounded
 * pieces; the caller's thread only routes messages. Aborting rejects with `CancelledError`; a file
 * that changed since its stamp rejects with `FileChangedError`.
 */
export interface TensorEngine {
  /** Results do not depend on threads and pieces, bit for bit. */
  stats(tensor: LazyTensor, options?: StatsOptions): Promise<TensorStats>;
  /**
   * Bins over any axis. Tensors of at most 16 bits that were looked at before are not read again; wider ones are read
   * where their counts leave a value's bin open (`reread`). Complex tensors have no histogram.
   */
  histogram(tensor: LazyTensor, request: HistogramRequest, options?: WorkOptions): Promise<ScaledHistogram>;
  /**
   * Quantiles of the finite values, null where there are none: as those of `stats`, or `exact`, which reads dtypes of
   * more than 16 bits two to four times. At most 32 at once.
   */
  quantiles(
    tensor: LazyTensor,
    qs: readonly number[],
    options?: WorkOptions & { readonly exact?: boolean | undefined },
  ): Promise<readonly Quantile[] | null>;
  /**
   * Norms of every row or of every column of a matrix, at most 2^22 of them; `slice` null is the whole tensor, its
   * first axis against all others.
   */
  axisNorms(
    tensor: LazyTensor,
    slice: MatrixSlice | null,
    lines: 'row' | 'column',
    options?: WorkOptions,
  ): Promise<AxisNorms>;
  /**
   * Singular values of a matrix of real numbers: all of them where its smaller side is at most 1,024, else the largest
   * ones. The same for one seed, whatever the number of threads. Refuses a matrix with NaN or infinite values.
   */
  spectrum(tensor: LazyTensor, request: SpectrumRequest, options?: WorkOptions): Promise<Spectrum>;
  /** SHA-256, hex, of the C-order little-endian element bytes after all steps. */
  hash(tensor: LazyTensor, options?: WorkOptions): Promise<string>;
  /** Storage bytes (in the result dtype) of the elements `[start, start + count)`, at most 64 MiB; packed dtypes want multiples of 8 elements, quantized ones of their block. */
  read(tensor: LazyTensor, start: number, count: number, options?: WorkOptions): Promise<Uint8Array>;
  /** The elements of a basic slice, widened for display; at most 1,048,576 of them. */
  cells(tensor: LazyTensor, ranges: readonly AxisRange[], options?: WorkOptions): Promise<CellBlock>;
  heatmap(tensor: LazyTensor, request: HeatmapRequest, options?: WorkOptions): Promise<Heatmap>;
  /**
   * A heatmap of `a − b`, of two tensors of one shape and of any dtypes, in float64 (64-bit integers of one dtype
   * exactly, complex ones by the modulus): NaN where either is NaN, 0 where equal infinities meet.
   */
  deltaHeatmap(
    pair: readonly [a: LazyTensor, b: LazyTensor],
    request: HeatmapRequest,
    options?: WorkOptions,
  ): Promise<Heatmap>;
  /** Both tensors must have one shape; dtypes may differ. Results do not depend on threads, bit for bit. */
  diff(a: LazyTensor, b: LazyTensor, options?: DiffOptions): Promise<TensorDiff>;
  close(): Promise<void>;
}
