import { InvalidArgumentError, InvalidStateError, ShapeMismatchError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import { formatShape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import type { ArraySpec } from './array-requests.ts';
import { type ArrayStatistics, withZeros } from './array-statistics.ts';
import type { Device } from './device.ts';
import { NDArray, type TypedArray } from './nd-array.ts';
import { isRecorded } from './operator-dispatcher.ts';
import type { DeviceRuntime } from './runtime.ts';
import { SparseBuffer } from './sparse-buffer.ts';
import { assertHoldsSparse, makeAll } from './sparse-parts.ts';

/**
 * An array that stores only a part of its elements; the others are zero. `shape`, `data` and `bytes`
 * are those of the dense form. Operators on dense arrays refuse it: convert it with `toStype` first.
 */
export abstract class SparseNDArray extends NDArray {
  declare readonly buffer: SparseBuffer;
  #released = false;

  /** @internal Use `rowSparse`, `csr`, `zerosOf` and `toStype`. */
  constructor(runtime: DeviceRuntime, buffer: SparseBuffer) {
    super(runtime, buffer);
  }

  override get stype(): SparseBuffer['stype'] {
    return this.buffer.stype;
  }

  override get disposed(): boolean {
    return this.#released;
  }

  override bytes(range?: { readonly start: number; readonly count: number }): Promise<Uint8Array> {
    return this.#readDense((dense) => dense.bytes(range));
  }

  override data(): Promise<TypedArray> {
    return this.#readDense((dense) => dense.data());
  }

  override norm(): Promise<number | null> {
    return this.live.values.norm();
  }

  override async statistics(): Promise<ArrayStatistics> {
    const { values } = this.live;
    return withZeros(await values.statistics(), this.size - values.size);
  }

  override asType(dtype: DType): SparseNDArray {
    this.#assertUnrecorded('asType');
    return this.convert(dtype, this.device);
  }

  override copyTo(device: Device): SparseNDArray {
    this.#assertUnrecorded('copyTo');
    return this.convert(this.dtype, device);
  }

  override detach(): SparseNDArray {
    const { live } = this;
    live.references++;
    return this.over(live);
  }

  override dispose(): void {
    if (this.#released) return;
    this.#released = true;
    this.buffer.release();
  }

  override toStype(stype: StorageType): NDArray {
    if (isRecorded(this)) return this.apply('cast_storage', [], { stype });
    if (stype === this.stype) return this.convert(this.dtype, this.device);
    const dense = this.toDense();
    if (stype === 'default') return dense;
    try {
      return dense.toStype(stype);
    } finally {
      dense.dispose();
    }
  }

  /**
   * Writes `source` into this array in place, cast to its dtype and storage type: every handle of it
   * sees that. @throws ShapeMismatchError
   */
  assign(source: NDArray): void {
    const { dtype, device, shape, stype } = this.live;
    if (formatShape(source.shape) !== formatShape(shape)) {
      throw new ShapeMismatchError(`Shapes differ: expected ${formatShape(shape)}, got ${formatShape(source.shape)}.`);
    }
    const stored = source.toStype(stype);
    try {
      if (stored instanceof SparseNDArray) this.live.replace(stored.partsAs(dtype, device));
    } finally {
      stored.dispose();
    }
  }

  /** Sets every element to zero, in place: nothing is stored afterwards. */
  clear(): void {
    const { shape, dtype, device } = this.live;
    this.live.replace(this.emptyParts({ shape, dtype, device }));
  }

  /** A new array of another dtype on another device. */
  convert(dtype: DType, device: Device): SparseNDArray {
    return this.over(new SparseBuffer(this.buffer, this.partsAs(dtype, device)));
  }

  /** Adds `source` to this array in place, as gradients accumulate. @throws ShapeMismatchError */
  accumulate(source: NDArray): void {
    const { runtime, shape, dtype, device } = this;
    const made: NDArray[] = [source.toStype('default'), this.toDense()];
    try {
      const [plain = source, before = source] = made;
      made.push(runtime.cast(plain, dtype, device));
      const sums = runtime.invoke('add_n', [before, ...made.slice(2)], { outputs: [{ shape, dtype }] });
      made.push(...sums);
      for (const sum of sums) this.assign(sum);
    } finally {
      for (const array of made) array.dispose();
    }
  }

  abstract toDense(): NDArray;

  /** @internal The buffer, unless the array was disposed of. */
  protected get live(): SparseBuffer {
    if (this.#released) throw new InvalidArgumentError('The array was disposed of.');
    return this.buffer;
  }

  protected abstract over(buffer: SparseBuffer): SparseNDArray;

  protected abstract emptyParts(spec: ArraySpec): readonly NDArray[];

  protected partsAs(dtype: DType, device: Device): NDArray[] {
    const { parts, values } = this.live;
    assertHoldsSparse(device, this.stype);
    return makeAll(parts, (part) => this.runtime.cast(part, part === values ? dtype : part.dtype, device));
  }

  #assertUnrecorded(method: string): void {
    if (!isRecorded(this)) return;
    throw new InvalidStateError(
      `${method}() of a ${this.stype} array is not recorded by autograd: convert it with toStype('default') first, or detach it.`,
    );
  }

  async #readDense<T>(read: (dense: NDArray) => Promise<T>): Promise<T> {
    const dense = this.toDense();
    try {
      return await read(dense);
    } finally {
      dense.dispose();
    }
  }
}
