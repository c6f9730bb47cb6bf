import { randomUUID } from 'node:crypto';
import { cpu, currentDevice, Device } from '../device/device.ts';
import { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { sharedRuntime } from '../device/shared-runtime.ts';
import { workingType } from '../device/working-type.ts';
import { CancelledError, InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import { DeviceArrays, makeAll } from './device-arrays.ts';
import type { LazySource } from './lazy-source.ts';
import { type LoadOptions, loadCopies } from './load-copies.ts';
import {
  hasNoGradient,
  named,
  noInitializer,
  notInitialized,
  notOnDevice,
  stillDeferred,
  unknownShape,
  wrongStorage,
} from './parameter-errors.ts';
import {
  checkDType,
  checkGradReq,
  checkStorageType,
  type GradReq,
  type ParameterOptions,
  type StorageType,
} from './parameter-options.ts';
import { assertCompatible, assignedShape, formatKnownShape, isKnown, normalizeShape } from './shape-rules.ts';
import { warnings } from './warnings.ts';

export type ParameterStatus = 'uninitialized' | 'deferred' | 'initialized';

/** One copy of the value, as the window lists it. */
export interface ParameterCopy {
  readonly device: Device;
  readonly dtype: DType;
  /** Bytes in storage. */
  readonly bytes: number;
  /** True where the device worker that held it died; `norm` then rejects with `DeviceLostError`. */
  readonly lost: boolean;
  /** L2 norm in float64, computed on the device; null for complex copies. */
  norm(): Promise<number | null>;
}

export interface InitializeOptions {
  readonly init?: string | null;
  readonly device?: Device | readonly Device[] | null;
  readonly defaultInit?: string | null;
  readonly forceReinit?: boolean;
}

/** Where the copies will be, and where their value will come from; replaced as a whole by every change. */
interface Deferred {
  readonly devices: readonly Device[];
  readonly value: LazySource | NDArray | null;
}

interface Finish {
  readonly promise: Promise<void>;
  readonly abandon: AbortController;
}

/**
 * Gluon's Parameter: one value, held as one copy per device, with a gradient buffer per copy unless
 * `gradReq` is `'null'`. After `mxnet.gluon.parameter.Parameter`; the P- numbers are rows of
 * parity.md. Bookkeeping is synchronous, reads are promises. A call that fails changes nothing.
 */
export class Parameter {
  readonly name: string;
  /** Tells Parameters apart, which may share a name (P-009). */
  readonly uuid = randomUUID();
  readonly differentiable: boolean;
  readonly stype: StorageType;
  readonly gradStype: StorageType;
  lrMult: number;
  wdMult: number;
  init: string | null;
  readonly #runtime: DeviceRuntime;
  readonly #allowDeferredInit: boolean;
  #gradReq: GradReq;
  #dtype: DType;
  #shape: Shape | null;
  #copies: DeviceArrays | null = null;
  #grads: DeviceArrays | null = null;
  #deferred: Deferred | null = null;
  #source: LazySource | null = null;
  #finish: Finish | null = null;

  /** @throws InvalidArgumentError for a bad `gradReq`, `gradStype` or `stype`, in this order (P-007). */
  constructor(name = 'weight', options: ParameterOptions = {}) {
    const { gradReq = 'write', shape = null, dtype = 'float32', differentiable = true } = options;
    this.name = name;
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
    parameter.#deferred = { devices: deviceList(name, device), value: source };
    return parameter;
  }

  get status(): ParameterStatus {
    if (this.#copies) return 'initialized';
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
    if (this.#copies) {
      const grads = req === 'null' ? null : this.#zeroGradients(this.#copies.own);
      if (req === 'null') this.#replaceCopies(this.#copies.own.map((copy) => copy.detach()));
      this.#replaceGrads(grads);
    }
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
    this.#abandonFinish();
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
    if (this.#copies && !options.forceReinit) {
      warnings.emit(
        'UserWarning',
        `Parameter '${this.name}' is already initialized, ignoring. Set forceReinit to re-initialize.`,
      );
      return;
    }
    const devices = deviceList(this.name, options.device);
    const wantsInitializer = (options.init ?? options.defaultInit ?? null) !== null;
    if (wantsInitializer || !this.#source) {
      if (!isKnown(this.name, this.#shape) && !this.#allowDeferredInit) throw unknownShape(this.name, this.#shape);
      if (wantsInitializer || isKnown(this.name, this.#shape)) throw noInitializer(this.name);
    }
    this.#drop();
    this.#deferred = { devices, value: this.#source };
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
    if (!this.#deferred) return Promise.resolve();
    if (this.#finish) return this.#finish.promise;
    const abandon = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, abandon.signal]) : abandon.signal;
    const promise = this.#load(this.#deferred, { ...options, signal }).finally(() => {
      if (this.#finish === finish) this.#finish = null;
    });
    const finish = { promise, abandon };
    this.#finish = finish;
    return promise;
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
    const devices = this.#copies?.devices ?? this.#deferred?.devices ?? [currentDevice()];
    this.#drop();
    this.#deferred = { devices, value: this.#source };
  }

  /** The same value now lies elsewhere (the document was saved). @throws ShapeMismatchError */
  replaceSource(source: LazySource): void {
    assertCompatible(this.name, this.#shape, source.shape);
    this.#abandonFinish();
    this.#source = source;
    if (this.#deferred) this.#deferred = { ...this.#deferred, value: source };
  }

  /**
   * Initialized: writes `value` into every copy in place, cast to its dtype (P-162). Deferred: keeps it
   * until initialization finishes, and casts it then (decision on P-046).
   *
   * @throws ShapeMismatchError (P-160), NotInitializedError (P-161), InvalidStateError for a source that would have to be read now.
   */
  setData(value: NDArray | LazySource): void {
    assertCompatible(this.name, this.#shape, value.shape);
    if (this.#copies) {
      if (!(value instanceof NDArray)) {
        throw new InvalidStateError(
          `Parameter '${this.name}' is initialized; release it before it takes a value that has yet to be read.`,
        );
      }
      for (const copy of this.#copies.own) this.#runtime.assign(copy, value);
      return;
    }
    if (!this.#deferred) throw notInitialized(this.name);
    this.#abandonFinish();
    this.#shape = [...value.shape];
    this.#deferred = { ...this.#deferred, value };
  }

  /** P-042 … P-046: new arrays, gradients keep their values. @throws UnsupportedDTypeError for packed dtypes. */
  cast(dtype: DType): void {
    const checked = checkDType(this.name, dtype);
    try {
      workingType(checked);
      if (this.#copies) this.#castArrays(this.#copies, checked);
    } catch (error) {
      throw named(this.name, error);
    }
    this.#abandonFinish();
    this.#dtype = checked;
  }

  /** The copy on `device`: the live array, a write to it changes the Parameter (P-081 … P-087, P-140, P-141). */
  data(device?: Device): NDArray {
    if (this.stype !== 'default') throw wrongStorage(this.name, this.stype, 'data');
    return this.#lookUp(this.#copies, device);
  }

  /** The live copies in the order of the devices (P-080, P-143). */
  listData(): readonly NDArray[] {
    if (this.stype !== 'default') throw wrongStorage(this.name, this.stype, 'listData');
    return this.#require(this.#copies).handOutAll();
  }

  /** P-144 … P-146 */
  grad(device?: Device): NDArray {
    if (this.#copies && !this.#grads) throw hasNoGradient(this.name);
    return this.#lookUp(this.#grads, device);
  }

  /** P-147 */
  listGrad(): readonly NDArray[] {
    if (this.#copies && !this.#grads) throw hasNoGradient(this.name);
    return this.#require(this.#grads).handOutAll();
  }

  /** The devices that hold copies, or will once a deferred Parameter is finished (P-148). */
  listDevice(): readonly Device[] {
    const devices = this.#copies?.devices ?? this.#deferred?.devices;
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
    for (const grad of this.#grads?.own ?? []) this.#runtime.zero(grad);
  }

  /** The mean of the copies, as an array of its own on cpu(0) (P-175, P-178, P-179). */
  reduce(): NDArray {
    return this.#runtime.mean(this.#require(this.#copies).own, cpu());
  }

  /**
   * Initialized: the mean of the copies goes to the given devices, gradients are new zeros (P-171).
   * Deferred: only says where the copies will be (P-126). Null is the current device (P-170).
   */
  resetDevice(device: Device | readonly Device[] | null): void {
    const devices = deviceList(this.name, device);
    if (this.#copies) this.#moveTo(devices);
    else if (this.#deferred) {
      this.#abandonFinish();
      this.#deferred = { ...this.#deferred, devices };
    } else throw notInitialized(this.name);
  }

  /** @deprecated Use `resetDevice` (P-174). */
  resetCtx(device: Device | readonly Device[] | null): void {
    warnings.emit('DeprecationWarning', 'Parameter.resetCtx has been renamed to Parameter.resetDevice.');
    this.resetDevice(device);
  }

  /** A description of every copy; empty unless initialized. */
  copies(): readonly ParameterCopy[] {
    return describeArrays(this.#copies);
  }

  /** A description of every gradient buffer. */
  gradients(): readonly ParameterCopy[] {
    return describeArrays(this.#grads);
  }

  toString(): string {
    return `Parameter (shape=${formatKnownShape(this.#shape)}, dtype=${this.#dtype})`;
  }

  async #load(deferred: Deferred, options: LoadOptions): Promise<void> {
    const { value, devices } = deferred;
    if (!value) {
      throw isKnown(this.name, this.#shape) ? noInitializer(this.name) : unknownShape(this.name, this.#shape);
    }
    try {
      const target = { runtime: this.#runtime, devices, dtype: this.#dtype };
      const arrays =
        value instanceof NDArray
          ? makeAll(devices, (device) => this.#runtime.cast(value, this.#dtype, device))
          : await loadCopies(value, target, options);
      this.#commit(arrays);
    } catch (error) {
      throw named(this.name, error);
    }
    if (!(value instanceof NDArray)) this.#source = value;
  }

  #commit(arrays: readonly NDArray[]): void {
    const copies = new DeviceArrays(arrays);
    try {
      this.#grads = this.#gradReq === 'null' ? null : this.#zeroGradients(arrays);
    } catch (error) {
      copies.release();
      throw error;
    }
    this.#copies = copies;
    this.#deferred = null;
  }

  #castArrays(copies: DeviceArrays, dtype: DType): void {
    const arrays = makeAll([...copies.own, ...(this.#grads?.own ?? [])], (array) => array.asType(dtype));
    const count = copies.own.length;
    this.#replaceCopies(arrays.slice(0, count));
    if (this.#grads) this.#replaceGrads(new DeviceArrays(arrays.slice(count)));
  }

  #moveTo(devices: readonly Device[]): void {
    const mean = this.reduce();
    try {
      const copies = makeAll(devices, (device) => mean.copyTo(device));
      const grads = this.#gradReq === 'null' ? null : this.#zeroGradients(copies);
      this.#replaceCopies(copies);
      this.#replaceGrads(grads);
    } catch (error) {
      throw named(this.name, error);
    } finally {
      mean.dispose();
    }
  }

  #zeroGradients(copies: readonly NDArray[]): DeviceArrays {
    return new DeviceArrays(
      makeAll(copies, ({ shape, dtype, device }) => this.#runtime.zeros({ shape, dtype, device })),
    );
  }

  #replaceCopies(arrays: readonly NDArray[]): void {
    this.#copies?.release();
    this.#copies = new DeviceArrays(arrays);
  }

  #replaceGrads(grads: DeviceArrays | null): void {
    this.#grads?.release();
    this.#grads = grads;
  }

  #drop(): void {
    this.#abandonFinish();
    this.#copies?.release();
    this.#copies = null;
    this.#replaceGrads(null);
  }

  #abandonFinish(): void {
    this.#finish?.abandon.abort(
      new CancelledError(`Parameter '${this.name}' was changed while it was loaded: finish its initialization again.`),
    );
    this.#finish = null;
  }

  #require(arrays: DeviceArrays | null): DeviceArrays {
    if (arrays) return arrays;
    if (!this.#deferred) throw notInitialized(this.name);
    const { value } = this.#deferred;
    throw stillDeferred(this.name, value === null || value instanceof NDArray ? null : value.describe());
  }

  #lookUp(arrays: DeviceArrays | null, device: Device | undefined): NDArray {
    const present = this.#require(arrays);
    const array = present.handOut(device);
    if (!array) throw notOnDevice(this.name, device ?? currentDevice(), present.devices);
    return array;
  }
}

/** P-105 */
function deviceList(name: string, device: Device | readonly Device[] | null | undefined): readonly Device[] {
  if (device === null || device === undefined) return [currentDevice()];
  const devices = device instanceof Device ? [device] : [...device];
  if (devices.length > 0) return devices;
  throw new InvalidArgumentError(`Parameter '${name}' needs at least one device.`);
}

function describeArrays(arrays: DeviceArrays | null): readonly ParameterCopy[] {
  return (arrays?.own ?? []).map((array) => ({
    device: array.device,
    dtype: array.dtype,
    bytes: array.nbytes,
    lost: array.lost,
    norm: () => array.norm(),
  }));
}
