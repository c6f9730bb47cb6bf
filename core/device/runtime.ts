import { DeviceMismatchError, InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import { cpu, currentDevice, type Device, formatDevices } from './device.ts';
import { MemoryBudget } from './memory-budget.ts';
import { type DeviceBuffer, NDArray } from './nd-array.ts';
import type { Attributes, Census, Handle, OutputArray, ReadForm } from './protocol.ts';
import { Residence } from './residence.ts';
import { storageCast } from './sparse.ts';
import { startCpuThread } from './thread-link.ts';
import { lostError, WorkerChannel } from './worker-channel.ts';
import type { WorkerLink } from './worker-link.ts';
import { assertHoldable, workingBytes } from './working-type.ts';

export interface DeviceRuntimeOptions {
  /** Bytes that arrays may take on all devices together; by default 4 GiB and no request over half of the free memory. */
  readonly memoryBudget?: number | undefined;
  /** Starts the worker that serves `cpu(i)`, and another when that one died; by default a thread. */
  readonly startCpu?: (() => WorkerLink) | undefined;
  /** Starts the worker that serves every `gpu(i)`; by default a forked process on Dawn. */
  readonly startGpu?: (() => WorkerLink) | undefined;
  /** Called when a worker died and all its arrays are lost. */
  readonly onLost?: (() => void) | undefined;
}

export interface ArraySpec {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device?: Device | undefined;
}

/** What `DeviceRuntime.invoke` makes: the new arrays in the order in which the kernel gets them. */
export interface InvokeCall {
  readonly attributes?: Attributes | undefined;
  readonly outputs: readonly ArraySpec[];
}

/**
 * The bookkeeping of devices. Ops are enqueued synchronously and run in order on the device worker;
 * only reads are promises. One worker thread serves every `cpu(i)`.
 */
export class DeviceRuntime {
  readonly #channel: WorkerChannel;
  readonly #budget: MemoryBudget;
  readonly #heldByDevice = new Map<string, number>();
  readonly #dropped = new FinalizationRegistry<DeviceBuffer>((buffer) => this.#release(buffer));
  #residence = new Residence(cpu());
  #lastHandle = 0;

  constructor(options: DeviceRuntimeOptions = {}) {
    this.#budget = new MemoryBudget(options.memoryBudget);
    this.#channel = new WorkerChannel(
      options.startCpu ?? startCpuThread,
      { logicalGpus: 1 },
      {
        onEnd: (reason) => {
          this.#residence.end(reason);
          this.#residence = new Residence(cpu());
          this.#forgetHeld();
          options.onLost?.();
        },
        onLost: () => {},
        onPiece: () => {},
        onCredit: () => {},
      },
    );
  }

  /**
   * A new array of zeros.
   * @throws OutOfMemoryError before any memory is asked for.
   * @throws UnsupportedDTypeError for packed dtypes.
   * @throws DeviceMismatchError for a device that nothing here serves.
   */
  zeros(spec: ArraySpec): NDArray {
    const array = this.#allocate(spec);
    this.#channel.post({
      kind: 'create',
      handle: array.buffer.handle,
      device: array.device.deviceName,
      dtype: spec.dtype,
      shape: spec.shape,
    });
    return array;
  }

  /** A new array from C-order little-endian storage bytes, which stay the caller's. */
  fromBytes(spec: ArraySpec & { readonly bytes: Uint8Array }): NDArray {
    const expected = bytesFor(spec.dtype, elementCount(spec.shape));
    if (spec.bytes.byteLength !== expected) {
      throw new ShapeMismatchError(
        `${formatShape(spec.shape)} of ${spec.dtype} takes ${expected} bytes, got ${spec.bytes.byteLength}.`,
      );
    }
    const array = this.zeros(spec);
    this.upload(array, { dtype: spec.dtype, offset: 0, bytes: new Uint8Array(spec.bytes) });
    return array;
  }

  /**
   * Writes storage bytes of `dtype` from element `offset` on, cast to the array's dtype where they
   * differ. Bytes that fill their own ArrayBuffer are moved to the worker and no longer readable here.
   */
  upload(array: NDArray, chunk: { readonly dtype: DType; readonly offset: number; readonly bytes: Uint8Array }): void {
    assertHoldable(chunk.dtype);
    const count = chunk.bytes.byteLength / bytesFor(chunk.dtype, 1);
    if (!isRangeOf(array, chunk.offset, count)) {
      throw new InvalidArgumentError(
        `Cannot write ${chunk.bytes.byteLength} bytes of ${chunk.dtype} at element ${chunk.offset} of an array of ${array.size} elements.`,
      );
    }
    const bytes = ownBuffer(chunk.bytes);
    const handle = this.#handleOf(array);
    this.#channel.post({ kind: 'upload', handle, dtype: chunk.dtype, offset: chunk.offset, bytes }, [bytes]);
  }

  /** Sets every element to zero, in place. */
  zero(array: NDArray): void {
    this.#channel.post({ kind: 'zero', handle: this.#handleOf(array) });
  }

  /** A new array on `device` with the values of `source` cast to `dtype`: the same rules as an edit's cast step. */
  cast(source: NDArray, dtype: DType, device: Device): NDArray {
    const from = this.#handleOf(source);
    const array = this.#allocate({ shape: source.shape, dtype, device });
    this.#channel.post({ kind: 'cast', handle: array.buffer.handle, device: device.deviceName, source: from, dtype });
    return array;
  }

  /** The dense `source` as a new array in another storage type. @throws ShapeMismatchError for what has no rows. */
  toStype(source: NDArray, stype: StorageType): NDArray {
    return storageCast(source, stype);
  }

  /** Writes `source` into `target` in place, cast to the target's dtype. @throws ShapeMismatchError */
  assign(target: NDArray, source: NDArray): void {
    assertSameShape(target, source);
    this.#channel.post({ kind: 'assign', handle: this.#handleOf(target), source: this.#handleOf(source) });
  }

  /** The elementwise mean in float64, rounded to the common dtype (integers: to nearest, ties to even). */
  mean(sources: readonly NDArray[], device: Device): NDArray {
    const first = sources[0];
    if (!first) throw new InvalidArgumentError('The mean of no arrays is undefined.');
    for (const source of sources) assertSameShape(first, source);
    const handles = sources.map((source) => this.#handleOf(source));
    const array = this.#allocate({ shape: first.shape, dtype: first.dtype, device });
    this.#channel.post({ kind: 'mean', handle: array.buffer.handle, device: device.deviceName, sources: handles });
    return array;
  }

  /**
   * Enqueues the kernel `name` of worker/operators, which writes new arrays of the shapes and dtypes in
   * `outputs`: on the device of the inputs, or where there are none, on the one that `outputs` name.
   * Checks neither shapes nor dtypes: `invokeOperator` of core/symbol infers them.
   *
   * @throws DeviceMismatchError where the inputs are on several devices.
   */
  invoke(name: string, inputs: readonly NDArray[], call: InvokeCall): NDArray[] {
    const device = commonDevice(name, inputs);
    const handles = inputs.map((input) => this.#handleOf(input));
    const arrays: NDArray[] = [];
    try {
      for (const spec of call.outputs) arrays.push(this.#allocate(device ? { ...spec, device } : spec));
    } catch (error) {
      for (const array of arrays) array.dispose();
      throw error;
    }
    this.#postInvoke(name, handles, { attributes: call.attributes, outputs: outputsOf(arrays, true) });
    return arrays;
  }

  /** As `invoke`, but the kernel changes `targets`, which keep their shapes and dtypes, in place. */
  invokeInto(
    name: string,
    inputs: readonly NDArray[],
    call: { readonly attributes?: Attributes | undefined; readonly targets: readonly NDArray[] },
  ): void {
    commonDevice(name, [...inputs, ...call.targets]);
    const handles = inputs.map((input) => this.#handleOf(input));
    for (const target of call.targets) this.#handleOf(target);
    this.#postInvoke(name, handles, { attributes: call.attributes, outputs: outputsOf(call.targets, false) });
  }

  async read(
    array: NDArray,
    range: { readonly start: number; readonly count: number },
    form: ReadForm,
  ): Promise<ArrayBuffer> {
    if (!isRangeOf(array, range.start, range.count)) {
      throw new InvalidArgumentError(
        `Elements ${range.start} to ${range.start + range.count} are outside an array of ${array.size} elements.`,
      );
    }
    return this.#channel.ask<'read'>({ kind: 'read', handle: this.#handleOf(array), ...range, form });
  }

  async norm(array: NDArray): Promise<number | null> {
    return this.#channel.ask<'norm'>({ kind: 'norm', handle: this.#handleOf(array) });
  }

  /** Resolves once all ops so far are done; rejects where one of `arrays` failed or is lost. */
  async sync(arrays: readonly NDArray[] = []): Promise<void> {
    await this.#channel.ask<'sync'>({ kind: 'sync', handles: arrays.map((array) => this.#handleOf(array)) });
  }

  /** Resolves once all ops so far are done; rejects with the first error that no read has reported. */
  async waitAll(): Promise<void> {
    if (this.#channel.running) await this.#channel.ask<'waitAll'>({ kind: 'waitAll' });
  }

  census(): Promise<Census> {
    return this.#channel.ask<'census'>({ kind: 'census' });
  }

  /** Bytes that arrays take on `device`, or on all devices. */
  heldBytes(device?: Device): number {
    return device ? (this.#heldByDevice.get(device.toString()) ?? 0) : this.#budget.held;
  }

  isLost(array: NDArray): boolean {
    return array.buffer.residence.loss !== null;
  }

  /** Ends the worker; every array is lost, and a later use starts a new worker. */
  close(): Promise<void> {
    return this.#channel.close();
  }

  /** @internal Another NDArray over the same buffer. */
  share(buffer: DeviceBuffer): NDArray {
    buffer.references++;
    return this.#track(new NDArray(this, buffer));
  }

  /** @internal Called once by the NDArray that is disposed of. */
  dispose(array: NDArray): void {
    this.#dropped.unregister(array);
    this.#release(array.buffer);
  }

  #postInvoke(
    name: string,
    inputs: readonly Handle[],
    call: { readonly attributes?: Attributes | undefined; readonly outputs: readonly OutputArray[] },
  ): void {
    this.#channel.post({ kind: 'invoke', name, inputs, outputs: call.outputs, attributes: call.attributes ?? {} });
  }

  /** @throws DeviceLostError, InvalidArgumentError where the array is of another runtime or disposed of. */
  #handleOf(array: NDArray): Handle {
    if (array.runtime !== this) throw new InvalidArgumentError('The array belongs to another device runtime.');
    if (array.disposed) throw new InvalidArgumentError('The array was disposed of.');
    const { loss } = array.buffer.residence;
    if (loss !== null) throw lostError(loss);
    return array.buffer.handle;
  }

  #allocate({ shape, dtype, device = currentDevice() }: ArraySpec): NDArray {
    if (device.type !== 'cpu') {
      throw new DeviceMismatchError(`Nothing serves ${device} here: this version holds copies on cpu devices.`);
    }
    const bytes = workingBytes(dtype, elementCount(shape));
    this.#budget.claim(bytes, `A ${formatShape(shape)} array of ${dtype}`);
    this.#count(device, bytes);
    const handle = ++this.#lastHandle;
    const buffer = { handle, residence: this.#residence, dtype, shape, device, bytes, references: 1 };
    return this.#track(new NDArray(this, buffer));
  }

  #track(array: NDArray): NDArray {
    this.#dropped.register(array, array.buffer, array);
    return array;
  }

  #release(buffer: DeviceBuffer): void {
    // A dead worker took its arrays along, and their bytes were struck off the account then.
    if (--buffer.references > 0 || buffer.residence.loss !== null) return;
    this.#budget.release(buffer.bytes);
    this.#count(buffer.device, -buffer.bytes);
    this.#channel.post({ kind: 'free', handle: buffer.handle });
  }

  #forgetHeld(): void {
    this.#budget.release(this.#budget.held);
    this.#heldByDevice.clear();
  }

  #count(device: Device, bytes: number): void {
    const name = device.toString();
    this.#heldByDevice.set(name, (this.#heldByDevice.get(name) ?? 0) + bytes);
  }
}

/** @throws DeviceMismatchError */
function commonDevice(name: string, arrays: readonly NDArray[]): Device | undefined {
  const device = arrays[0]?.device;
  if (device && !arrays.every((array) => array.device.equals(device))) {
    const devices = formatDevices(arrays.map((array) => array.device));
    throw new DeviceMismatchError(`${name} takes arrays of one device, got ${devices}: copy them with copyTo first.`);
  }
  return device;
}

function outputsOf(arrays: readonly NDArray[], isNew: boolean): OutputArray[] {
  return arrays.map(({ buffer, device, shape, dtype }) => ({
    handle: buffer.handle,
    device: device.deviceName,
    shape,
    dtype,
    isNew,
  }));
}

function assertSameShape(a: NDArray, b: NDArray): void {
  if (a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis])) return;
  throw new ShapeMismatchError(`Shapes differ: expected ${formatShape(a.shape)}, got ${formatShape(b.shape)}.`);
}

function isRangeOf(array: NDArray, start: number, count: number): boolean {
  return (
    Number.isSafeInteger(start) &&
    Number.isSafeInteger(count) &&
    start >= 0 &&
    count >= 0 &&
    start + count <= array.size
  );
}

/** The ArrayBuffer that `bytes` fills, or a copy: what is transferred must not take neighbours along. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  // Not `slice`: that of a Buffer is a view into a pool.
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : new Uint8Array(bytes).buffer;
}
