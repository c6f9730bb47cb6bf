import { InvalidArgumentError } from '../errors.ts';
import { bytesFor, type DType, dtypeInfo } from '../ndarray/dtype.ts';
import type { AxisRange } from '../ndarray/lazy-tensor.ts';
import { elementCount, formatShape, type Shape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import { ArrayOperators, type ScalarOperand } from './array-operators.ts';
import type { ArrayDistance, ArrayStatistics } from './array-statistics.ts';
import type { Device } from './device.ts';
import { type NestedValues, nestValues } from './nested.ts';
import { assertWritable, isRecorded, operatorDispatcher } from './operator-dispatcher.ts';
import type { Attributes, Handle } from './protocol.ts';
import type { Residence } from './residence.ts';
import type { DeviceRuntime } from './runtime.ts';
import { setElements } from './set-elements.ts';

export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** What the main side knows of an array on a device; several NDArrays may share one. */
export interface DeviceBuffer {
  readonly handle: Handle;
  /** Where it is; what ends with it is lost. */
  readonly residence: Residence;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  /** Bytes on the device, which for widened dtypes is more than in storage. */
  readonly bytes: number;
  references: number;
}

/**
 * An array on a device: a handle, no elements. Methods that make or change arrays return at once
 * and run in order on the device; an error of theirs rejects the next read. A dropped handle frees
 * its memory when it is collected, a disposed one at once.
 */
export class NDArray extends ArrayOperators<NDArray> {
  readonly runtime: DeviceRuntime;
  /** @internal */
  readonly buffer: DeviceBuffer;
  #disposed = false;

  /** @internal Use `DeviceRuntime.zeros` and `fromBytes`. */
  constructor(runtime: DeviceRuntime, buffer: DeviceBuffer) {
    super();
    this.runtime = runtime;
    this.buffer = buffer;
  }

  get shape(): Shape {
    return this.buffer.shape;
  }

  get dtype(): DType {
    return this.buffer.dtype;
  }

  get device(): Device {
    return this.buffer.device;
  }

  get stype(): StorageType {
    return 'default';
  }

  /** Number of elements. */
  get size(): number {
    return elementCount(this.buffer.shape);
  }

  /** Bytes in storage. */
  get nbytes(): number {
    return bytesFor(this.buffer.dtype, this.size);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** True where the worker that held the value died; every use then throws `DeviceLostError`. */
  get lost(): boolean {
    return this.runtime.isLost(this);
  }

  /** C-order little-endian storage bytes, of all elements or of `count` from `start` on. */
  async bytes(range = { start: 0, count: this.size }): Promise<Uint8Array> {
    return new Uint8Array(await this.runtime.read(this, range, 'bytes'));
  }

  /**
   * The values in the typed array that fits them: the narrow floats as Float32Array, bool as
   * Uint8Array, complex as pairs of real and imaginary part.
   */
  async data(): Promise<TypedArray> {
    const buffer = await this.runtime.read(this, { start: 0, count: this.size }, 'values');
    return viewAs(this.dtype, buffer);
  }

  /** The values as lists in lists, one level per axis; complex numbers as `[re, im]`. */
  async array(): Promise<NestedValues> {
    return nestValues(await this.data(), this.dtype, this.shape);
  }

  /** The only element. @throws InvalidArgumentError where there is not exactly one. */
  async item(): Promise<NestedValues> {
    if (this.size === 1) return nestValues(await this.data(), this.dtype, []);
    throw new InvalidArgumentError(
      `item() takes an array of one element, this one has shape ${formatShape(this.shape)}.`,
    );
  }

  /** L2 norm in float64, NaN and infinities included; null for complex arrays. */
  norm(): Promise<number | null> {
    return this.runtime.norm(this);
  }

  /** Counts, extremes and moments in float64, computed on the device; see `ArrayStatistics`. */
  statistics(): Promise<ArrayStatistics> {
    return this.runtime.statistics(this);
  }

  /**
   * How far this array is from `other`, of the same shape and dtype on any device.
   * @throws ShapeMismatchError, DTypeMismatchError, DeviceLostError
   */
  distanceTo(other: NDArray): Promise<ArrayDistance> {
    return this.runtime.distance(this, other);
  }

  /** A new array on the same device. Floats round to nearest even; float to integer truncates and saturates. */
  asType(dtype: DType): NDArray {
    if (isRecorded(this)) return this.apply('cast', [], { dtype });
    return this.runtime.cast(this, dtype, this.device);
  }

  copyTo(device: Device): NDArray {
    if (isRecorded(this)) {
      const { type: fromType, id: fromId } = this.device;
      return this.apply('copy_to', [], { type: device.type, id: device.id, fromType, fromId });
    }
    return this.runtime.cast(this, this.dtype, device);
  }

  /** A new array in another storage type, or a copy in its own: rows or elements that are zero are left out. */
  toStype(stype: StorageType): NDArray {
    if (isRecorded(this)) return this.apply('cast_storage', [], { stype });
    return this.runtime.toStype(this, stype);
  }

  /** Another handle of the same memory: a write through either shows in both (P-023). */
  detach(): NDArray {
    return this.runtime.share(this.buffer);
  }

  /**
   * Writes `value`, broadcast and cast to this dtype, in place: everywhere, or where `slice` says (what
   * stands between NumPy's brackets, or a range per axis).
   *
   * @throws ShapeMismatchError where it does not broadcast, InvalidArgumentError for a bad slice.
   * @throws InvalidStateError where that would falsify a graph that autograd recorded.
   */
  set(value: NDArray | NestedValues, slice: string | readonly AxisRange[] = '...'): void {
    assertWritable(this);
    setElements(this, value, slice);
  }

  /** Backward keeps the gradient of this array in a new buffer of zeros, by `req`. */
  attachGrad(req: 'write' | 'add' | 'null' = 'write'): void {
    operatorDispatcher().attachGrad(this, req);
  }

  dropGrad(): void {
    operatorDispatcher().dropGrad(this);
  }

  /** The gradient buffer; null where there is none. */
  get grad(): NDArray | null {
    return operatorDispatcher().gradOf(this);
  }

  /**
   * Enqueues the gradients of this array's sum, weighed by `headGradient`, into the buffers of what it
   * was computed from; resolves when they are there. `autograd.backward` has more options.
   */
  backward(headGradient: NDArray | null = null): Promise<void> {
    return operatorDispatcher().backward(this, headGradient);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.runtime.dispose(this);
  }

  protected override apply(name: string, others: readonly NDArray[], attributes: Attributes = {}): NDArray {
    return operatorDispatcher().invoke(name, [this, ...others], attributes);
  }

  protected override isOperand(value: NDArray | ScalarOperand): value is NDArray {
    return value instanceof NDArray;
  }
}

function viewAs(dtype: DType, buffer: ArrayBuffer): TypedArray {
  const { kind, bits } = dtypeInfo(dtype);
  switch (kind) {
    case 'bool':
      return new Uint8Array(buffer);
    case 'int':
      return bits === 8
        ? new Int8Array(buffer)
        : bits === 16
          ? new Int16Array(buffer)
          : bits === 32
            ? new Int32Array(buffer)
            : new BigInt64Array(buffer);
    case 'uint':
      return bits === 8
        ? new Uint8Array(buffer)
        : bits === 16
          ? new Uint16Array(buffer)
          : bits === 32
            ? new Uint32Array(buffer)
            : new BigUint64Array(buffer);
    case 'float':
      return bits === 64 ? new Float64Array(buffer) : new Float32Array(buffer);
    case 'complex':
      return bits === 128 ? new Float64Array(buffer) : new Float32Array(buffer);
    case 'quantized':
      return new Uint8Array(buffer);
  }
}
