import type { DType } from './dtype.ts';
import type { Expression } from './expression.ts';
import type { PackedTensor } from './packed-storage.ts';
import type { Shape } from './shape.ts';
import type { SparseStorage } from './sparse-layout.ts';

/** What told one state of a file from another when it was opened. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** A run of bytes of one file, as it was when `stamp` was taken. */
export interface FileRegion {
  readonly path: string;
  readonly offset: number;
  readonly nbytes: number;
  readonly stamp: FileStamp;
}

/** One axis of a NumPy basic slice after normalisation: `count` indices `start, start + step, …`; `step` may be negative. */
export interface AxisRange {
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

/**
 * One elementwise change of a tensor. Steps never mix elements, so any range of the result needs
 * only the same range of the input: an edit of a 70 GB tensor costs nothing until somebody looks.
 */
export type TensorStep =
  /** Converts to `dtype`: floats round to nearest, ties to even; float to integer truncates and saturates (NaN gives 0); to bool is `!= 0`. */
  | { readonly kind: 'cast'; readonly dtype: DType }
  /** Every element becomes `element`: its storage bytes in the current dtype, as base64. */
  | { readonly kind: 'fill'; readonly element: string }
  /** `x * factor`, computed in float64 and rounded to the current dtype (nearest even, integers saturate). */
  | { readonly kind: 'scale'; readonly factor: number }
  /** The elements in `ranges` (one per axis) become `data`: storage bytes in C order as base64, or those of one element for all. */
  | { readonly kind: 'set'; readonly ranges: readonly AxisRange[]; readonly data: string };

/** How a value is made of those of its sources, whose steps come first. All of it is plain data. */
export type Derivation =
  /** Element `[i, j, …]` is element `start + i·strides[0] + j·strides[1] + …` of the only source in C order: reshaped, transposed, sliced, broadcast (stride 0). */
  | { readonly kind: 'view'; readonly start: number; readonly strides: readonly number[] }
  /** The sources, of one dtype, one behind the other along `axis`. */
  | { readonly kind: 'concatenate'; readonly axis: number }
  /** Elementwise in float64, which is the dtype of the result; each source has its shape, or one element. */
  | { readonly kind: 'arithmetic'; readonly expression: Expression }
  /** What an initializer, as JSON of name and arguments, sets a tensor called `name` to under `seed`; no sources. */
  | { readonly kind: 'draw'; readonly initializer: string; readonly name: string; readonly seed: number };

export interface DerivedTensor {
  readonly derivation: Derivation;
  readonly sources: readonly LazyTensor[];
}

/**
 * A tensor as a value: where its stored bytes are and what was done to them since. Plain data, so
 * that it crosses to workers and processes; nothing is read until a worker evaluates it.
 */
export interface LazyTensor {
  /** The dtype of the stored bytes. */
  readonly dtype: DType;
  readonly shape: Shape;
  /** Of a sparse tensor its stored values; of a packed one where it lies in its file, with the bytes that it has unpacked. */
  readonly region: FileRegion;
  /** Present where the elements do not lie in the file as they are: the engine asks for them to be unpacked first. */
  readonly packed?: PackedTensor;
  /** Present where the value is made of others: `region` then only says how many bytes it takes, and which file it stands on. */
  readonly derived?: DerivedTensor;
  /** How the stored values spread over the tensor; absent where all elements are stored. */
  readonly sparse?: SparseStorage;
  readonly steps: readonly TensorStep[];
}

/** The dtype of the elements after all steps. */
export function resultDType(tensor: LazyTensor): DType {
  let dtype = tensor.dtype;
  for (const step of tensor.steps) if (step.kind === 'cast') dtype = step.dtype;
  return dtype;
}
