import type { DType } from '../../ndarray/dtype.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import { type WorkingType, workingBytes, workingType } from '../working-type.ts';
import { tf } from './tensorflow.ts';

export type Numbers = Float32Array | Int32Array | Uint8Array | Float64Array | Uint32Array;
export type BigInts = BigInt64Array | BigUint64Array;

/** The elements of an array by how they can be computed with. */
export type Elements =
  | { readonly kind: 'numbers'; readonly values: Numbers }
  | { readonly kind: 'bigints'; readonly values: BigInts }
  | { readonly kind: 'complex'; readonly re: Float32Array | Float64Array; readonly im: Float32Array | Float64Array };

/**
 * An array as the cpu device holds it. The TensorFlow.js cpu backend keeps the typed array that a
 * tensor is made of, so `elements` and `tensor` are one memory: bytes go in and out through the
 * former, TensorFlow.js computes with the latter.
 */
export class DeviceArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly size: number;
  readonly working: WorkingType;
  readonly elements: Elements;
  /** Null for the working types that TensorFlow.js does not have. */
  readonly tensor: tf.Tensor | null;

  constructor(dtype: DType, shape: Shape) {
    this.dtype = dtype;
    this.shape = shape;
    this.size = elementCount(shape);
    this.working = workingType(dtype);
    this.elements = allocate(this.working, this.size);
    this.tensor = wrap(this.working, this.elements, shape);
  }

  get bytes(): number {
    return workingBytes(this.dtype, this.size);
  }

  dispose(): void {
    this.tensor?.dispose();
  }
}

/** The parts of an array that hold its bits: two for complex, one for the rest. */
export function partsOf(elements: Elements): readonly (Numbers | BigInts)[] {
  return elements.kind === 'complex' ? [elements.re, elements.im] : [elements.values];
}

function allocate(working: WorkingType, size: number): Elements {
  switch (working) {
    case 'float32':
      return { kind: 'numbers', values: new Float32Array(size) };
    case 'int32':
      return { kind: 'numbers', values: new Int32Array(size) };
    case 'bool':
      return { kind: 'numbers', values: new Uint8Array(size) };
    case 'uint32':
      return { kind: 'numbers', values: new Uint32Array(size) };
    case 'float64':
      return { kind: 'numbers', values: new Float64Array(size) };
    case 'int64':
      return { kind: 'bigints', values: new BigInt64Array(size) };
    case 'uint64':
      return { kind: 'bigints', values: new BigUint64Array(size) };
    case 'complex64':
      return { kind: 'complex', re: new Float32Array(size), im: new Float32Array(size) };
    case 'complex128':
      return { kind: 'complex', re: new Float64Array(size), im: new Float64Array(size) };
  }
}

function wrap(working: WorkingType, elements: Elements, shape: Shape): tf.Tensor | null {
  if (elements.kind === 'complex') {
    if (working !== 'complex64') return null;
    return tf.tidy(() => tf.complex(tf.tensor(elements.re, [...shape]), tf.tensor(elements.im, [...shape])));
  }
  if (working !== 'float32' && working !== 'int32' && working !== 'bool') return null;
  return tf.tensor(elements.values as Float32Array | Int32Array | Uint8Array, [...shape], working);
}
