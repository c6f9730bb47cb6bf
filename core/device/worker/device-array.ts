import type { DType } from '../../ndarray/dtype.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import { type WorkingType, workingBytes, workingType } from '../working-type.ts';
import { copyBits, type Elements, Storage } from './storage.ts';
import type { tf } from './tensorflow.ts';

export { type BigInts, copyBits, type Elements, type Numbers, partsOf } from './storage.ts';

/**
 * An array as the cpu device holds it. Copies of one dtype share their memory until one of them is
 * written, and zeroing costs nothing until somebody looks: `DeviceMemory` says before an op what it writes.
 */
export class DeviceArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly size: number;
  readonly working: WorkingType;
  #storage: Storage;

  /** Zeros. @throws OutOfMemoryError where the system has no memory left. */
  constructor(dtype: DType, shape: Shape) {
    this.dtype = dtype;
    this.shape = shape;
    this.size = elementCount(shape);
    this.working = workingType(dtype);
    this.#storage = new Storage(dtype, shape);
  }

  get elements(): Elements {
    this.#storage.open();
    return this.#storage.elements;
  }

  /** The same memory as `elements`; null for the working types that TensorFlow.js does not have. */
  get tensor(): tf.Tensor | null {
    this.#storage.open();
    return this.#storage.tensor;
  }

  get bytes(): number {
    return workingBytes(this.dtype, this.size);
  }

  /** True where all elements are known to be zero without looking. */
  get isZero(): boolean {
    return this.#storage.content !== 'values';
  }

  /** Takes the elements of `source`, of the same dtype and shape. */
  share(source: DeviceArray): void {
    const storage = source.#storage;
    storage.holders++;
    this.#storage.release();
    this.#storage = storage;
  }

  /** Every element becomes zero. */
  clear(): void {
    if (this.isZero) return;
    if (this.#storage.holders > 1) this.#replace();
    else this.#storage.content = 'stale';
  }

  /** To be called before some elements are written: other arrays must not see it. */
  detach(): void {
    const shared = this.#storage;
    if (shared.holders === 1) return;
    this.#replace();
    if (shared.content === 'values') copyBits(shared.elements, this.elements);
  }

  /** To be called before all elements are written: what they were does not matter. */
  discard(): void {
    if (this.#storage.holders > 1) this.#replace();
    else if (this.#storage.content === 'stale') this.#storage.content = 'values';
  }

  dispose(): void {
    this.#storage.release();
  }

  #replace(): void {
    const storage = new Storage(this.dtype, this.shape);
    this.#storage.release();
    this.#storage = storage;
  }
}
