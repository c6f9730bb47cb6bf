import { randomUUID } from 'node:crypto';
import { currentDevice, type Device } from '../device/device.ts';
import { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { sharedRuntime } from '../device/shared-runtime.ts';
import { assertHoldable } from '../device/working-type.ts';
import { InvalidStateError, type NotInitializedError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import { DeferredInit, type FinishOptions } from './deferred-init.ts';
import { type DeviceArrays, makeAll } from './device-arrays.ts';
import type { LazySource } from './lazy-source.ts';
import { type LoadOptions, loadCopies, throwIfCancelled } from './load-copies.ts';
import {
  hasNoGradient,
  named,
  noInitializer,
  noSparseStorage,
  notInitialized,
  notOnDevice,
  stillDeferred,
  unknownShape,
  wrongStorage,
} from './parameter-errors.ts';
import {
  checkDevices,
  checkDType,
  checkGradReq,
  checkStorageType,
  type GradReq,
  type ParameterOptions,
  type StorageType,
} from './parameter-options.ts';
import { describeArrays, type ParameterCopy, ParameterValue } from './parameter-value.ts';
import { assertCompatible, assignedShape, formatKnownShape, isKnown, normalizeShape } from './shape-rules.ts';
import { warnings } from './warnings.ts';

export type ParameterStatus = 'uninitialized' | 'deferred' | 'initialized';

export interface InitializeOptions {
  readonly init?: string | null;
  readonly device?: Device | readonly Device[] | null;
  readonly defaultInit?: string | null;
  readonly forceReinit?: boolean;
}

/**
 * Gluon's Parameter: one value, held as one copy per device, with a gradient buffer per copy unless
 * `gradReq` is `'null'`. After `mxnet.gluon.parameter.Parameter`; the P- numbers are rows of
 * parity.md. Bookkeeping is synchronous, reads are promises. A call that fails changes nothing.
 */
export class Parameter {
  /** Tells Parameters apart, which may share a name (P-009). */
  readonly uuid = randomUUID();
  readonly differentiable: boolean;
  readonly stype: StorageType;
  readonly gradStype: StorageType;
  lrMult: number;
  wdMult: number;
  init: string | null;
  readonly #name: string;
  readonly #runtime: DeviceRuntime;
  readonly #allowDeferredInit: boolean;
  #gradReq: GradReq;
  #dtype: DType;
  #shape: Shape | null;
  #value: ParameterValue | null = null;
  #deferred: DeferredInit | null = null;
  #source: LazySource | null = null;

  /** @throws InvalidArgumentError for a bad `gradReq`, `gradStype` or `stype`, in this order (P-007). */
  constructor(name = 'weight', options: ParameterOptions = {}) {
    const { gradReq = 'write', shape = null, dtype = 'float32', differentiable = true } = options;
    this.#name = name;
    const req = checkGradReq(name, gradReq);
    this.gradStype = checkStorageType('grad_stype', name, options.gradStype ?? 'default');
    this.stype = checkStorageType('stype', name, options.stype ?? 'default');
    this.differentiable = differentiable;
    this.#gradReq = differentiable ? req : 'null';
    this.#shape = shape === null ? null : normalizeShape(name, shape);
    this.#dtype = checkDType(name, dtype);
    this.lrMult = options.lrMult ?? 1;
    this.wdMult = options.wdMult ?? 1;
    this.init = options.init ?? null;
    this.#allowDeferredInit = options.allowDeferredInit ?? false;
    this.#runtime = options.runtime ?? sharedRuntime();
  }

  /**
   * A deferred Parameter whose value is `source`: what every entry of an open checkpoint is. It has
   * no gradient buffers unless `gradReq` says so, since looking at a value must not double its memory.
   */
  static fromSource(
    name: string,
    source: LazySource,
    options: Omit<ParameterOptions, 'shape' | 'dtype'> & { readonly device?: Device | readonly Device[] | null } = {},
  ): Parameter {
    const { device, gradReq = 'null', ...rest } = options;
    const parameter = new Parameter(name, { ...rest, gradReq, dtype: source.dtype });
    parameter.#shape = [...source.shape];
    parameter.#source = source;
    parameter.#deferred = new DeferredInit(checkDevices(name, device), source);
    return parameter;
  }

  /** Read-only (P-010). */
  get name(): string {
    return this.#name;
  }

  get status(): ParameterStatus {
    if (this.#value) return 'initialized';
    return this.#deferred ? 'deferred' : 'uninitialized';
  }

  /** Where `release` finds the value again. */
  get source(): LazySource | null {
    return this.#source;
  }

  get gradReq(): GradReq {
    return this.#gradReq;
  }

  /** P-020 … P-028. Changing it drops the gradient buffers; new ones are zeros. */
  set gradReq(value: GradReq) {
    const checked = checkGradReq(this.name, value);
    const req = this.differentiable ? checked : 'null';
    if (req === this.#gradReq) return;
    this.#naming(() => (req === 'null' ? this.#value?.dropGradients() : this.#value?.renewGradients()));
    this.#gradReq = req;
  }

  get dtype(): DType {
    return this.#dtype;
  }

  /** The same as `cast` (P-041). */
  set dtype(value: DType) {
    this.cast(value);
  }

  /** Unknown sizes are -1; null where the rank is unknown. */
  get shape(): Shape | null {
    return this.#shape && [...this.#shape];
  }

  /** @throws ShapeMismatchError where a known size would change (P-064). */
  set shape(value: Shape) {
    const shape = assignedShape(this.name, this.#shape, value);
    this.#deferred?.abandon(this.name);
    this.#shape = shape;
  }

  /**
   * Makes the Parameter initialized or, where its value must be fetched first, deferred on `device`
   * (the current one by default). In this version values come from sources only.
   *
   * @throws InvalidStateError where an initializer would be needed.
   * @throws ShapeMismatchError where the shape has unknown sizes and may not be deferred (P-113).
   */
  initialize(options: InitializeOptions = {}): void {
    if (this.#value && !options.forceReinit) {
      warnings.emit(
        'UserWarning',
        `Parameter '${this.name}' is already initialized, ignoring. Set forceReinit to re-initialize.`,
      );
      return;
    }
    const devices = checkDevices(this.name, options.device);
    const wantsInitializer = (options.init ?? options.defaultInit ?? null) !== null;
    if (wantsInitializer || !this.#source) {
      if (!isKnown(this.name, this.#shape) && !this.#allowDeferredInit) throw unknownShape(this.name, this.#shape);
      if (wantsInitializer || isKnown(this.name, this.#shape)) throw noInitializer(this.name);
    }
    this.#drop();
    this.#defer(devices, this.#source);
  }

  /**
   * Fetches the value of a deferred Parameter onto its devices; nothing to do for any other. The
   * copies are there once all bytes arrived. A failed or cancelled finish frees what it had and
   * leaves the Parameter deferred. Calls while one is under way join it.
   *
   * @throws CancelledError where the signal aborts or the Parameter changes meanwhile.
   * @throws OutOfMemoryError, UnsupportedDTypeError, DeviceLostError, ShapeMismatchError (P-117), and what the source throws.
   */
  finishDeferredInit(options: LoadOptions = {}): Promise<void> {
    const deferred = this.#deferred;
    if (!deferred) return Promise.resolve();
    return deferred.finish(options, (finishOptions) => this.#load(deferred, finishOptions));
  }

  /**
   * Frees copies and gradient buffers and is deferred again, to be loaded from the source anew; what
   * was changed on the devices since is lost. @throws InvalidStateError where there is no source.
   */
  release(): void {
    if (!this.#source) {
      throw new InvalidStateError(
        `Parameter '${this.name}' cannot be released: its value exists only in its copies, there is no file to load it from again.`,
      );
    }
    const devices = this.#devices() ?? [currentDevice()];
    this.#drop();
    this.#defer(devices, this.#source);
  }

  /**
   * Initialized: writes `value` into every copy in place, cast to its dtype (P-162). Deferred: keeps it
   * until initialization finishes, and casts it then (decision on P-046).
   *
   * @throws ShapeMismatchError (P-160), NotInitializedError (P-161), InvalidStateError for a source that would have to be read now.
   */
  setData(value: NDArray | LazySource): void {
    assertCompatible(this.name, this.#shape, value.shape);
    if (this.#value) {
      if (!(value instanceof NDArray)) {
        throw new InvalidStateError(
          `Parameter '${this.name}' is initialized; release it before it takes a value that has yet to be read.`,
        );
      }
      this.#value.assign(value);
      return;
    }
    if (!this.#deferred) throw notInitialized(this.name);
    this.#shape = [...value.shape];
    this.#defer(this.#deferred.devices, value);
  }

  /** P-042 … P-046: new arrays, gradients keep their values. @throws UnsupportedDTypeError for packed dtypes. */
  cast(dtype: DType): void {
    const checked = checkDType(this.name, dtype);
    this.#naming(() => {
      assertHoldable(checked);
      this.#value?.cast(checked);
    });
    this.#deferred?.abandon(this.name);
    this.#dtype = checked;
  }

  /** The copy on `device`: the live array, a write to it changes the Parameter (P-081 … P-087, P-140, P-141). */
  data(device?: Device): NDArray {
    if (this.stype !== 'default') throw wrongStorage(this.name, this.stype, 'data');
    return this.#lookUp(this.#value?.copies, device);
  }

  /** The live copies in the order of the devices (P-080, P-143). */
  listData(): readonly NDArray[] {
    if (this.stype !== 'default') throw wrongStorage(this.name, this.stype, 'listData');
    if (!this.#value) throw this.#missing();
    return this.#value.copies.handOutAll();
  }

  /** P-144 … P-146 */
  grad(device?: Device): NDArray {
    if (this.#value && !this.#value.grads) throw hasNoGradient(this.name);
    return this.#lookUp(this.#value?.grads, device);
  }

  /** P-147 */
  listGrad(): readonly NDArray[] {
    if (!this.#value) throw this.#missing();
    if (!this.#value.grads) throw hasNoGradient(this.name);
    return this.#value.grads.handOutAll();
  }

  /** The devices that hold copies, or will once a deferred Parameter is finished (P-148). */
  listDevice(): readonly Device[] {
    const devices = this.#devices();
    if (!devices) throw notInitialized(this.name);
    return [...devices];
  }

  /** @deprecated Use `listDevice` (P-149). */
  listCtx(): readonly Device[] {
    warnings.emit('DeprecationWarning', 'Parameter.listCtx has been renamed to Parameter.listDevice.');
    return this.listDevice();
  }

  /** Sets the gradient buffers to zero in place; nothing to do where there are none (P-150). */
  zeroGrad(): void {
    this.#value?.zeroGrad();
  }

  /** The mean of the copies, as an array of its own on cpu(0) (P-175, P-178, P-179). */
  reduce(): NDArray {
    if (!this.#value) throw this.#missing();
    return this.#value.mean();
  }

  /**
   * Initialized: the mean of the copies goes to the given devices, gradients are new zeros (P-171).
   * Deferred: only says where the copies will be (P-126). Null is the current device (P-170).
   */
  resetDevice(device: Device | readonly Device[] | null): void {
    const devices = checkDevices(this.name, device);
    if (this.#value) this.#naming(() => this.#value?.moveTo(devices));
    else if (this.#deferred) this.#defer(devices, this.#deferred.value);
    else throw notInitialized(this.name);
  }

  /** @deprecated Use `resetDevice` (P-174). */
  resetCtx(device: Device | readonly Device[] | null): void {
    warnings.emit('DeprecationWarning', 'Parameter.resetCtx has been renamed to Parameter.resetDevice.');
    this.resetDevice(device);
  }

  /** A description of every copy; empty unless initialized. */
  copies(): readonly ParameterCopy[] {
    return describeArrays(this.#value?.copies);
  }

  /** A description of every gradient buffer. */
  gradients(): readonly ParameterCopy[] {
    return describeArrays(this.#value?.grads);
  }

  toString(): string {
    return `Parameter (shape=${formatKnownShape(this.#shape)}, dtype=${this.#dtype})`;
  }

  async #load({ value, devices }: DeferredInit, options: FinishOptions): Promise<void> {
    if (!value) {
      throw isKnown(this.name, this.#shape) ? noInitializer(this.name) : unknownShape(this.name, this.#shape);
    }
    if (this.stype !== 'default' || (this.gradStype !== 'default' && this.#gradReq !== 'null')) {
      throw noSparseStorage(this.name);
    }
    try {
      const target = { runtime: this.#runtime, devices, dtype: this.#dtype };
      const arrays =
        value instanceof NDArray
          ? makeAll(devices, (device) => this.#runtime.cast(value, this.#dtype, device))
          : await loadCopies(value, target, options);
      this.#take(arrays, options.signal);
    } catch (error) {
      throw named(this.name, error);
    }
    if (!(value instanceof NDArray)) this.#source = value;
  }

  /** The last step of a finish, and the only one that can be seen. */
  #take(arrays: readonly NDArray[], signal: AbortSignal): void {
    if (signal.aborted) {
      for (const array of arrays) array.dispose();
      throwIfCancelled(signal);
    }
    this.#value = new ParameterValue(this.#runtime, arrays, this.#gradReq !== 'null');
    this.#deferred = null;
  }

  #devices(): readonly Device[] | undefined {
    return this.#value?.copies.devices ?? this.#deferred?.devices;
  }

  #drop(): void {
    this.#value?.release();
    this.#value = null;
  }

  #defer(devices: readonly Device[], value: DeferredInit['value']): void {
    this.#deferred?.abandon(this.name);
    this.#deferred = new DeferredInit(devices, value);
  }

  /** Runs `change`; the layers below it do not know whose arrays they are. */
  #naming(change: () => void): void {
    try {
      change();
    } catch (error) {
      throw named(this.name, error);
    }
  }

  #missing(): NotInitializedError {
    return this.#deferred ? stillDeferred(this.name, this.#deferred.place) : notInitialized(this.name);
  }

  #lookUp(arrays: DeviceArrays | null | undefined, device: Device | undefined): NDArray {
    if (!arrays) throw this.#missing();
    const array = arrays.handOut(device);
    if (!array) throw notOnDevice(this.name, device ?? currentDevice(), arrays.devices);
    return array;
  }
}
