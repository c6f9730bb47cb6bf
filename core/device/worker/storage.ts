import { OutOfMemoryError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../../ndarray/shape.ts';
import { type WorkingType, workingType } from '../working-type.ts';
import { BufferPool } from './buffer-pool.ts';
import { tf } from './tensorflow.ts';

const pool = new BufferPool();

export type Numbers = Float32Array | Int32Array | Uint8Array | Float64Array | Uint32Array;
export type BigInts = BigInt64Array | BigUint64Array;

/** The elements of an array by how they can be computed with. */
export type Elements =
  | { readonly kind: 'numbers'; readonly values: Numbers }
  | { readonly kind: 'bigints'; readonly values: BigInts }
  | { readonly kind: 'complex'; readonly re: Float32Array | Float64Array; readonly im: Float32Array | Float64Array };

/**
 * Memory for the elements of an array. The TensorFlow.js cpu backend keeps the typed array that a
 * tensor is made of, so `elements` and `tensor` are one memory: bytes go in and out through the
 * former, TensorFlow.js computes with the latter.
 */
export class Storage {
  readonly elements: Elements;
  /** Null for the working types that TensorFlow.js does not have. */
  readonly tensor: tf.Tensor | null;
  /** How many arrays have these elements. */
  holders = 1;
  /** `stale`: all elements are zero, but the memory has yet to be set so. */
  content: 'zeros' | 'stale' | 'values' = 'zeros';

  /** Zeros. @throws OutOfMemoryError where the system has no memory left. */
  constructor(dtype: DType, shape: Shape) {
    const working = workingType(dtype);
    try {
      this.elements = allocate(working, elementCount(shape), (byteLength) => this.#bufferOf(byteLength));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new OutOfMemoryError(
        `The system has no memory for a ${formatShape(shape)} array of ${dtype} (${error.message}). Unload other tensors first.`,
      );
    }
    this.tensor = wrap(working, this.elements, shape);
  }

  /** One holder less; the last one frees the memory. */
  release(): void {
    if (--this.holders > 0) return;
    this.tensor?.dispose();
    for (const { buffer } of partsOf(this.elements)) if (buffer instanceof ArrayBuffer) pool.give(buffer);
  }

  /** @throws RangeError where the system has no memory left. */
  #bufferOf(byteLength: number): ArrayBuffer {
    const used = pool.take(byteLength);
    if (used) {
      this.content = 'stale';
      return used;
    }
    try {
      return new ArrayBuffer(byteLength);
    } catch {
      pool.clear();
      return new ArrayBuffer(byteLength);
    }
  }

  /** The memory is going to be read or written in ways that are not known here. */
  open(): void {
    if (this.content === 'stale') {
      for (const { buffer, byteOffset, byteLength } of partsOf(this.elements)) {
        new Uint8Array(buffer, byteOffset, byteLength).fill(0);
      }
    }
    this.content = 'values';
  }
}

/** The parts of an array that hold its bits: two for complex, one for the rest. */
export function partsOf(elements: Elements): readonly (Numbers | BigInts)[] {
  return elements.kind === 'complex' ? [elements.re, elements.im] : [elements.values];
}

/** The bits of `source` into `target` from element `offset` on; both have one dtype. */
export function copyBits(source: Elements, target: Elements, offset = 0): void {
  const from = partsOf(source);
  partsOf(target).forEach((part, i) => {
    const bits = from[i];
    if (bits) new Uint8Array(part.buffer, offset * part.BYTES_PER_ELEMENT).set(new Uint8Array(bits.buffer));
  });
}

function allocate(working: WorkingType, size: number, bufferOf: (byteLength: number) => ArrayBuffer): Elements {
  switch (working) {
    case 'float32':
      return { kind: 'numbers', values: new Float32Array(bufferOf(4 * size)) };
    case 'int32':
      return { kind: 'numbers', values: new Int32Array(bufferOf(4 * size)) };
    case 'bool':
      return { kind: 'numbers', values: new Uint8Array(bufferOf(size)) };
    case 'uint32':
      return { kind: 'numbers', values: new Uint32Array(bufferOf(4 * size)) };
    case 'float64':
      return { kind: 'numbers', values: new Float64Array(bufferOf(8 * size)) };
    case 'int64':
      return { kind: 'bigints', values: new BigInt64Array(bufferOf(8 * size)) };
    case 'uint64':
      return { kind: 'bigints', values: new BigUint64Array(bufferOf(8 * size)) };
    case 'complex64':
      return { kind: 'complex', re: new Float32Array(bufferOf(4 * size)), im: new Float32Array(bufferOf(4 * size)) };
    case 'complex128':
      return { kind: 'complex', re: new Float64Array(bufferOf(8 * size)), im: new Float64Array(bufferOf(8 * size)) };
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
