import type { DType } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { Payload, PickleValue } from '../pickle/values.ts';

/** A storage that a pickle refers to by a persistent id. */
export interface StorageReference {
  /** The name of its record, or the key that legacy files list. */
  readonly key: string;
  /** Of its elements; `uint8` where it is untyped. */
  readonly dtype: DType;
  /** Elements. */
  readonly size: number;
  /** `cpu`, `cuda:0`. */
  readonly location: string;
  /** Of legacy files: where it begins within the storage that `key` names, in elements. */
  readonly viewStart: number;
  /** Elements of the storage that `key` names. */
  readonly rootSize: number;
}

/** Elements within a storage: `[i, j]` is at `start + i·strides[0] + j·strides[1]`. */
export interface StridedView {
  readonly storage: StorageReference;
  readonly dtype: DType;
  readonly shape: Shape;
  /** In elements of `dtype`, as is `start`. */
  readonly strides: readonly number[];
  readonly start: number;
}

export interface TensorFlags {
  readonly requiresGrad: boolean;
  /** Whether it is an `nn.Parameter`. */
  readonly parameter: boolean;
  /** Its values are the stored ones with the imaginary parts, or all signs, the other way. */
  readonly conjugated: boolean;
  readonly negated: boolean;
  /** The qualified name of a subclass of `torch.Tensor`. */
  readonly subclass: string | null;
  /** Attributes that its writer put on the object. */
  readonly attributes: readonly PickleValue[];
}

export interface StridedTensor {
  readonly kind: 'strided';
  readonly view: StridedView;
  readonly flags: TensorFlags;
}

/** As `torch.quantize_per_tensor` and `_per_channel` make them: real value = (stored − zero point) · scale. */
export interface QuantizedTensor {
  readonly kind: 'quantized';
  readonly view: StridedView;
  readonly quantizer: Quantizer;
  readonly flags: TensorFlags;
}

export type Quantizer =
  | { readonly scheme: 'per_tensor_affine'; readonly scale: number; readonly zeroPoint: number }
  | {
      readonly scheme: 'per_channel_affine' | 'per_channel_affine_float_qparams';
      readonly axis: number;
      readonly scales: StridedView;
      readonly zeroPoints: StridedView;
    };

export type CompressedLayout = 'sparse_csr' | 'sparse_csc' | 'sparse_bsr' | 'sparse_bsc';

/** torch's sparse layouts; `indices` of the compressed ones are the pointers and the plain indices. */
export type SparseTensor =
  | {
      readonly kind: 'sparse';
      readonly layout: 'sparse_coo';
      readonly shape: Shape;
      readonly indices: StridedView;
      readonly values: StridedView;
      readonly flags: TensorFlags;
    }
  | {
      readonly kind: 'sparse';
      readonly layout: CompressedLayout;
      readonly shape: Shape;
      readonly pointers: StridedView;
      readonly plain: StridedView;
      readonly values: StridedView;
      readonly flags: TensorFlags;
    };

/** A numpy array, whose elements stand in the pickle itself. */
export interface ArrayTensor {
  readonly kind: 'array';
  readonly dtype: DType;
  readonly shape: Shape;
  readonly fortran: boolean;
  readonly bigEndian: boolean;
  readonly payload: ArrayPayload;
  readonly flags: TensorFlags;
}

export interface ArrayPayload extends Payload {
  /** `latin1` is a byte per character of UTF-8 text, as protocols 0 to 2 have it. */
  readonly encoding: 'raw' | 'latin1';
}

/** A tensor that has a shape and no values: on the `meta` device, or a wrapper around others. */
export interface ValuelessTensor {
  readonly kind: 'valueless';
  readonly dtype: string;
  readonly shape: Shape;
  readonly reason: string;
}

export type TensorValue = StridedTensor | QuantizedTensor | SparseTensor | ArrayTensor | ValuelessTensor;

export const NO_FLAGS: TensorFlags = {
  requiresGrad: false,
  parameter: false,
  conjugated: false,
  negated: false,
  subclass: null,
  attributes: [],
};
