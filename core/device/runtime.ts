import { InvalidArgumentError } from '../errors.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import { elementCount, formatShape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import { assertComparable, assertFills, assertRange, assertSameShape, commonDevice } from './array-checks.ts';
import type { ArraySpec, InvokeCall, UploadChunk } from './array-requests.ts';
import type { ArrayDistance, ArrayStatistics } from './array-statistics.ts';
import { currentDevice, type Device } from './device.ts';
import type { DeviceInfo } from './device-info.ts';
import { DeviceSet, type DeviceSetOptions, type FetchOptions, type StoredElements } from './device-set.ts';
import { type DeviceBuffer, NDArray } from './nd-array.ts';
import { ownBuffer } from './own-buffer.ts';
import type { Attributes, Census, Handle, OutputArray, ReadForm } from './protocol.ts';
import { settleAll } from './settle-all.ts';
import { storageCast } from './sparse.ts';
import type { WorkerChannel } from './worker-channel.ts';
import { assertHoldable, isHoldableOnGpus, workingBytes } from './working-type.ts';

export type DeviceRuntimeOptions = DeviceSetOptions;

/**
 * The bookkeeping of devices. Ops are enqueued synchronously and run in order on the device workers;
 * only reads are promises. One worker serves every `cpu(i)`, another every `gpu(i)`; arrays go from one
 * to the other in pieces, and what waits for them waits there and not here.
 */
export class DeviceRuntime {
  readonly #devices: DeviceSet;
  readonly #dropped = new FinalizationRegistry<DeviceBuffer>((buffer) => this.#release(buffer));
  #lastHandle = 0;

  constructor(options: DeviceRuntimeOptions = {}) {
    this.#devices = new DeviceSet(options);
  }

  /** The devices that there are, and why there are no GPUs where there are none; starts the workers to ask them. */
  discover(): Promise<{ readonly devices: readonly DeviceInfo[]; readonly reason: string | null }> {
    return this.#devices.discover();
  }

  /** Resolves once it is known that all `devices` are there. @throws DeviceMismatchError where one is not. */
  async expect(devices: readonly Device[]): Promise<void> {
    for (const device of devices) await this.#devices.of(device).expect(device);
  }

  /** Logical devices for each GPU adapter. @throws InvalidStateError where the gpus are in use with another number. */
  setLogicalGpus(count: number): void {
    this.#devices.setLogicalGpus(count);
  }

  /**
   * A new array of zeros.
   * @throws OutOfMemoryError before any memory is asked for.
   * @throws UnsupportedDTypeError for packed dtypes, and for those that the device cannot hold.
   * @throws DeviceMismatchError for a device that is known not to be there; where that is not known yet,
   *   the next read rejects with it.
   */
  zeros(spec: ArraySpec): NDArray {
    const array = this.#allocate(spec);
    const { dtype, shape, device } = array;
    this.#channelOf(array).post({
      kind: 'create',
      handle: array.buffer.handle,
      device: device.deviceName,
      dtype,
      shape,
    });
    return array;
  }

  /** A new array from C-order little-endian storage bytes, which stay the caller's. */
  fromBytes(spec: ArraySpec & { readonly bytes: Uint8Array }): NDArray {
    assertFills(spec, spec.dtype, spec.bytes.byteLength);
    const array = this.zeros(spec);
    this.upload(array, { dtype: spec.dtype, offset: 0, bytes: new Uint8Array(spec.bytes) });
    return array;
  }

  /**
   * Writes storage bytes of `dtype` from element `offset` on, cast to the array's dtype where they
   * differ. Bytes that fill their own ArrayBuffer are moved to the worker and no longer readable here.
   */
  upload(array: NDArray, chunk: UploadChunk): void {
    assertHoldable(chunk.dtype);
    const count = chunk.bytes.byteLength / bytesFor(chunk.dtype, 1);
    assertRange(
      array,
      chunk.offset,
      count,
      () =>
        `Cannot write ${chunk.bytes.byteLength} bytes of ${chunk.dtype} at element ${chunk.offset} of an array of ${array.size} elements.`,
    );
    const handle = this.#handleOf(array);
    const { dtype, offset } = chunk;
    this.#channelOf(array).post({ kind: 'upload', handle, dtype, offset, bytes: ownBuffer(chunk.bytes) });
  }

  /**
   * As `upload` of all elements, but the array's worker reads them by itself from a file: they never come
   * here. Enqueued at once; settles when it is over. Rejects with `FileChangedError` where the file is not as
   * its stamp says, with `CancelledError` where the signal aborts first; the array is then spoiled.
   */
  async fetch(array: NDArray, stored: StoredElements, options: FetchOptions = {}): Promise<void> {
    assertHoldable(stored.dtype);
    assertFills(array, stored.dtype, stored.region.nbytes);
    this.#handleOf(array);
    await this.#devices.fetch(array, stored, options);
  }

  /** Sets every element to zero, in place. */
  zero(array: NDArray): void {
    const handle = this.#handleOf(array);
    this.#channelOf(array).post({ kind: 'zero', handle });
  }

  /** A new array on `device` with the values of `source` cast to `dtype`: the same rules as an edit's cast step. */
  cast(source: NDArray, dtype: DType, device: Device): NDArray {
    const from = this.#handleOf(source);
    if (device.type !== source.device.type) return this.#carry(source, { shape: source.shape, dtype, device });
    const array = this.#allocate({ shape: source.shape, dtype, device });
    const { handle } = array.buffer;
    this.#channelOf(array).post({ kind: 'cast', handle, device: device.deviceName, source: from, dtype });
    return array;
  }

  /** The dense `source` as a new array in another storage type. @throws ShapeMismatchError for what has no rows. */
  toStype(source: NDArray, stype: StorageType): NDArray {
    return storageCast(source, stype);
  }

  /** Writes `source` into `target` in place, cast to the target's dtype. @throws ShapeMismatchError */
  assign(target: NDArray, source: NDArray): void {
    assertSameShape(target, source);
    const handle = this.#handleOf(target);
    const from = this.#handleOf(source);
    if (target.device.type === source.device.type) {
      this.#channelOf(target).post({ kind: 'assign', handle, source: from });
    } else {
      this.#write(target, source);
    }
  }

  /**
   * The elementwise mean, rounded to the common dtype (integers: to nearest, ties to even); in float64 where
   * `device` is a cpu. Sources that another worker holds are brought to `device` first.
   */
  mean(sources: readonly NDArray[], device: Device): NDArray {
    const first = sources[0];
    if (!first) throw new InvalidArgumentError('The mean of no arrays is undefined.');
    for (const source of sources) assertSameShape(first, source);
    for (const source of sources) this.#handleOf(source);
    const { shape, dtype } = first;
    const brought: NDArray[] = [];
    try {
      const near = sources.map((source) => {
        if (source.device.type === device.type) return source;
        const copy = this.#carry(source, { shape, dtype, device });
        brought.push(copy);
        return copy;
      });
      const array = this.#allocate({ shape, dtype, device });
      const handles = near.map((source) => source.buffer.handle);
      const { handle } = array.buffer;
      this.#channelOf(array).post({ kind: 'mean', handle, device: device.deviceName, sources: handles });
      return array;
    } finally {
      for (const copy of brought) copy.dispose();
    }
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
    this.#postInvoke(name, handles, { attributes: call.attributes, outputs: arrays, isNew: true });
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
    this.#postInvoke(name, handles, { attributes: call.attributes, outputs: call.targets, isNew: false });
  }

  async read(
    array: NDArray,
    range: { readonly start: number; readonly count: number },
    form: ReadForm,
  ): Promise<ArrayBuffer> {
    const { start, count } = range;
    assertRange(
      array,
      start,
      count,
      () => `Elements ${start} to ${start + count} are outside an array of ${array.size} elements.`,
    );
    const handle = this.#handleOf(array);
    return this.#devices.read(array, { kind: 'read', handle, start, count, form });
  }

  async norm(array: NDArray): Promise<number | null> {
    const handle = this.#handleOf(array);
    return this.#channelOf(array).ask<'norm'>({ kind: 'norm', handle });
  }

  async statistics(array: NDArray): Promise<ArrayStatistics> {
    const handle = this.#handleOf(array);
    return this.#channelOf(array).ask<'statistics'>({ kind: 'statistics', handle });
  }

  /**
   * How far two arrays of one shape and dtype are apart, in float64. Where their devices are one worker's it is
   * computed there; otherwise the one that is not on a cpu is copied beside the other first, in bounded pieces.
   *
   * @throws ShapeMismatchError, DTypeMismatchError, DeviceLostError
   */
  async distance(a: NDArray, b: NDArray): Promise<ArrayDistance> {
    assertComparable(a, b);
    if (this.#channelOf(a) !== this.#channelOf(b)) return await this.#distanceAcross(a, b);
    const [handle, other] = [this.#handleOf(a), this.#handleOf(b)];
    return this.#channelOf(a).ask<'distance'>({ kind: 'distance', handle, other });
  }

  async #distanceAcross(a: NDArray, b: NDArray): Promise<ArrayDistance> {
    const [near, far] = a.device.type === 'cpu' ? [a, b] : [b, a];
    const copy = far.copyTo(near.device);
    try {
      return await this.distance(near, copy);
    } finally {
      copy.dispose();
    }
  }

  /** Resolves once all ops so far are done; rejects where one of `arrays` failed or is lost. */
  async sync(arrays: readonly NDArray[] = []): Promise<void> {
    const asked = new Map<WorkerChannel, Handle[]>();
    for (const channel of this.#devices.running()) asked.set(channel, []);
    for (const array of arrays) {
      const handle = this.#handleOf(array);
      const channel = this.#channelOf(array);
      asked.set(channel, [...(asked.get(channel) ?? []), handle]);
    }
    // Where arrays are named, only their workers are waited for.
    const relevant = [...asked].filter(([, handles]) => arrays.length === 0 || handles.length > 0);
    await settleAll(relevant.map(([channel, handles]) => channel.ask<'sync'>({ kind: 'sync', handles })));
  }

  /** Resolves once all ops so far are done; rejects with the first error that no read has reported. */
  async waitAll(): Promise<void> {
    await settleAll(this.#devices.running().map((channel) => channel.ask<'waitAll'>({ kind: 'waitAll' })));
  }

  /** What the workers that run hold. */
  async census(): Promise<Census> {
    const counts = await Promise.all(
      this.#devices.running().map((channel) => channel.ask<'census'>({ kind: 'census' })),
    );
    const sum = (of: (census: Census) => number) => counts.reduce((total, census) => total + of(census), 0);
    return { arrays: sum((c) => c.arrays), tensors: sum((c) => c.tensors), bytes: sum((c) => c.bytes) };
  }

  /** Bytes that arrays take on `device`, or on all devices. */
  heldBytes(device?: Device): number {
    return this.#devices.heldBytes(device);
  }

  isLost(array: NDArray): boolean {
    return array.buffer.residence.loss !== null;
  }

  /** Ends the workers; every array is lost, and a later use starts new workers. */
  close(): Promise<void> {
    return this.#devices.close();
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

  /** A new array on a device of another worker. */
  #carry(source: NDArray, spec: ArraySpec & { readonly device: Device }): NDArray {
    const array = this.zeros(spec);
    try {
      this.#write(array, source);
      return array;
    } catch (error) {
      array.dispose();
      throw error;
    }
  }

  /** Writes `source` into `target`, which another worker holds. A dtype that GPUs do not have is cast before it goes there. */
  #write(target: NDArray, source: NDArray): void {
    if (target.device.type === 'cpu' || isHoldableOnGpus(source.dtype)) {
      this.#devices.send(source, target);
      return;
    }
    const narrow = this.cast(source, target.dtype, source.device);
    try {
      this.#devices.send(narrow, target);
    } finally {
      narrow.dispose();
    }
  }

  #postInvoke(
    name: string,
    inputs: readonly Handle[],
    call: {
      readonly attributes?: Attributes | undefined;
      readonly outputs: readonly NDArray[];
      readonly isNew: boolean;
    },
  ): void {
    const { attributes = {}, isNew } = call;
    const [first] = call.outputs;
    if (!first) throw new InvalidArgumentError(`${name} writes no array.`);
    const outputs: OutputArray[] = call.outputs.map(({ buffer, device, shape, dtype }) => ({
      handle: buffer.handle,
      device: device.deviceName,
      shape,
      dtype,
      isNew,
    }));
    this.#channelOf(first).post({ kind: 'invoke', name, inputs, outputs, attributes });
  }

  #channelOf(array: NDArray): WorkerChannel {
    return this.#devices.of(array.device).channel;
  }

  /** @throws DeviceLostError, InvalidArgumentError where the array is of another runtime or disposed of. */
  #handleOf(array: NDArray): Handle {
    if (array.runtime !== this) throw new InvalidArgumentError('The array belongs to another device runtime.');
    if (array.disposed) throw new InvalidArgumentError('The array was disposed of.');
    const { loss } = array.buffer.residence;
    if (loss) throw loss;
    return array.buffer.handle;
  }

  #allocate({ shape, dtype, device = currentDevice() }: ArraySpec): NDArray {
    assertHoldable(dtype, device);
    const bytes = workingBytes(dtype, elementCount(shape));
    const residence = this.#devices.of(device).claim(device, bytes, `A ${formatShape(shape)} array of ${dtype}`);
    const handle = ++this.#lastHandle;
    return this.#track(new NDArray(this, { handle, residence, dtype, shape, device, bytes, references: 1 }));
  }

  #track(array: NDArray): NDArray {
    this.#dropped.register(array, array.buffer, array);
    return array;
  }

  #release(buffer: DeviceBuffer): void {
    if (--buffer.references > 0) return;
    const devices = this.#devices.of(buffer.device);
    devices.release(buffer.residence, buffer.bytes);
    // A device that was lost while this op was under way may have made the array anew; a dead worker took it along.
    if (devices.channel.running) devices.channel.post({ kind: 'free', handle: buffer.handle });
  }
}
