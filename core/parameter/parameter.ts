import { randomUUID } from 'node:crypto';
import { currentDevice, type Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import { sharedRuntime } from '../device/shared-runtime.ts';
import type { RowSparseNDArray } from '../device/sparse.ts';
import { assertHoldable } from '../device/working-type.ts';
import { InvalidStateError } from '../errors.ts';
import type { InitializerSpec } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import type { Symbol as GraphSymbol } from '../symbol/symbol.ts';
import { warnings } from '../warnings.ts';
import { allCopiesOf, dataOf, gradOf, listDataOf, listGradOf } from './array-access.ts';
import { attributesOf, type ParameterAttributes, reconcile } from './attributes.ts';
import { DeferredInit, isLazy, type PendingKind, pendingKind } from './deferred-init.ts';
import { finish, finishFromSource, type InitializeOptions, initialize, moveTo } from './initialize.ts';
import type { LazySource } from './lazy-source.ts';
import type { LoadOptions } from './load-copies.ts';
import { type LoadInitOptions, loadInit } from './load-init.ts';
import type { ParameterData } from './parameter-data.ts';
import { notInitialized } from './parameter-errors.ts';
import {
  checkDevices,
  checkDType,
  checkGradReq,
  checkStorageType,
  type GradReq,
  type ParameterOptions,
} from './parameter-options.ts';
import { defer, devicesOf, missing, naming, type ParameterState } from './parameter-state.ts';
import { describeArrays, type ParameterCopy } from './parameter-value.ts';
import { variableOf } from './parameter-variable.ts';
import { listRowSparseData, pullAllRows, type RowIds, rowSparseData } from './row-sparse-access.ts';
import { setData } from './set-data.ts';
import { assignedShape, formatKnownShape, initialShape } from './shape-rules.ts';
import { linkTrainer, type ParameterTrainer } from './trainer-link.ts';

export type ParameterStatus = 'uninitialized' | 'deferred' | 'initialized';

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
  readonly #state: ParameterState;
  #variable: GraphSymbol | null = null;

  /** @throws InvalidArgumentError for a bad `gradReq`, `gradStype` or `stype`, in this order (P-007). */
  constructor(name = 'weight', options: ParameterOptions = {}) {
    const { gradReq = 'write', dtype = 'float32', differentiable = true } = options;
    const req = checkGradReq(name, gradReq);
    this.differentiable = differentiable;
    this.gradStype = checkStorageType('grad_stype', name, options.gradStype ?? 'default');
    this.stype = checkStorageType('stype', name, options.stype ?? 'default');
    this.#state = {
      name,
      runtime: options.runtime ?? sharedRuntime(),
      allowDeferredInit: options.allowDeferredInit ?? false,
      differentiable,
      stype: this.stype,
      gradStype: this.gradStype,
      gradReq: differentiable ? req : 'null',
      dtype: checkDType(name, dtype),
      shape: initialShape(name, options),
      init: options.init ?? null,
      value: null,
      deferred: null,
      source: null,
      trainer: null,
    };
    this.lrMult = options.lrMult ?? 1;
    this.wdMult = options.wdMult ?? 1;
  }

  /**
   * A deferred Parameter whose value is `source`: what every entry of an open checkpoint is. It has
   * no gradient buffers unless `gradReq` says so, since looking at a value must not double its memory.
   */
  static fromSource(
    name: string,
    source: LazySource,
    options: Omit<ParameterOptions, 'shape' | 'shapeIsKnown' | 'dtype'> & {
      readonly device?: Device | readonly Device[] | null;
    } = {},
  ): Parameter {
    const { device, gradReq = 'null', ...rest } = options;
    const { dtype, shape } = source;
    const parameter = new Parameter(name, { ...rest, gradReq, dtype, shape, shapeIsKnown: true });
    const state = parameter.#state;
    state.source = source;
    state.deferred = new DeferredInit(checkDevices(name, device), source);
    return parameter;
  }

  /** Read-only (P-010). */
  get name(): string {
    return this.#state.name;
  }

  /** The initializer unless `initialize` is given one; read when it is called (P-011). */
  get init(): InitializerSpec | null {
    return this.#state.init;
  }

  set init(init: InitializerSpec | null) {
    this.#state.init = init;
  }

  get status(): ParameterStatus {
    if (this.#state.value) return 'initialized';
    return this.#state.deferred ? 'deferred' : 'uninitialized';
  }

  /** Where a deferred Parameter will get its value; null for any other. */
  get pending(): PendingKind | null {
    return this.#state.deferred && pendingKind(this.#state.deferred.value);
  }

  /** Where `release` finds the value again. */
  get source(): LazySource | null {
    return this.#state.source;
  }

  get gradReq(): GradReq {
    return this.#state.gradReq;
  }

  /** P-020 … P-028. Changing it drops the gradient buffers; new ones are zeros. */
  set gradReq(value: GradReq) {
    const state = this.#state;
    const checked = checkGradReq(this.name, value);
    const req = state.differentiable ? checked : 'null';
    if (req === state.gradReq) return;
    naming(state, () => state.value?.setGradReq(req));
    state.gradReq = req;
  }

  get dtype(): DType {
    return this.#state.dtype;
  }

  /** The same as `cast` (P-041). */
  set dtype(value: DType) {
    this.cast(value);
  }

  /** Unknown sizes are -1; null where the rank is unknown. */
  get shape(): Shape | null {
    return this.#state.shape && [...this.#state.shape];
  }

  /** @throws ShapeMismatchError where a known size would change (P-064). */
  set shape(value: Shape) {
    const shape = assignedShape(this.name, this.#state.shape, value);
    this.#state.deferred?.abandon(this.name);
    this.#state.shape = shape;
  }

  /**
   * Gives the Parameter its first value on `device` (the current one by default): by `init`, else its own
   * initializer, else `defaultInit` (P-106). With unknown sizes it is deferred until they are known; a
   * Parameter that came from a file and is asked for no initializer is deferred until the file is read.
   *
   * @throws ShapeMismatchError where the shape has unknown sizes and may not be deferred (P-113).
   * @throws InvalidArgumentError for what is no initializer, and what the initializer throws.
   * @throws OutOfMemoryError, UnsupportedDTypeError
   */
  initialize(options: InitializeOptions = {}): void {
    initialize(this.#state, options);
  }

  /**
   * Gives a deferred Parameter its value; nothing to do for any other. What needs no reading is done
   * when this returns; the value of a file is there once all bytes arrived. A failed or cancelled finish
   * frees what it had and leaves the Parameter deferred. Calls while one is under way join it.
   *
   * @throws CancelledError where the signal aborts or the Parameter changes meanwhile.
   * @throws OutOfMemoryError, UnsupportedDTypeError, DeviceLostError, ShapeMismatchError (P-117), and what the source throws.
   */
  async finishDeferredInit(options: LoadOptions = {}): Promise<void> {
    const { deferred } = this.#state;
    if (!deferred || !isLazy(deferred.value)) {
      finish(this.#state);
      return;
    }
    const { value: source, devices } = deferred;
    await deferred.finish(options, (finishing) => finishFromSource(this.#state, { source, devices }, finishing));
  }

  /** As `finishDeferredInit`, at once. @throws DeferredInitializationError where the value has to be read first. */
  finishDeferredInitSync(): void {
    finish(this.#state);
  }

  /**
   * Takes saved data as its value, whether initialized, deferred or neither (rows P-220 … P-236): unknown
   * sizes come from the data; of another dtype it is refused, or one of both is cast. `device` must be
   * the devices that the Parameter has, or null. Data that is no source is taken when this returns.
   *
   * @throws ShapeMismatchError, DTypeMismatchError, DeviceMismatchError, InvalidArgumentError for a bad `dtypeSource`.
   */
  async loadInit(
    data: ParameterData,
    device: Device | readonly Device[] | null = null,
    options: LoadInitOptions = {},
  ): Promise<void> {
    await loadInit(this, this.#state, { data, device, options });
  }

  /**
   * Frees copies and gradient buffers and is deferred again, to be loaded from the source anew; what
   * was changed on the devices since is lost. @throws InvalidStateError where there is no source.
   */
  release(): void {
    const { source } = this.#state;
    if (!source) {
      throw new InvalidStateError(
        `Parameter '${this.name}' cannot be released: its value exists only in its copies, there is no file to load it from again.`,
      );
    }
    defer(this.#state, devicesOf(this.#state) ?? [currentDevice()], source);
  }

  /** Puts copies that were lost with their device back from one that survived; false where none did. */
  restoreLost(): boolean {
    return naming(this.#state, () => this.#state.value?.restoreLost() ?? false);
  }

  /**
   * Initialized: writes `data` into every copy in place, cast to its dtype (P-162). Deferred: keeps it
   * until initialization finishes, and casts it then (decision on P-046).
   *
   * @throws ShapeMismatchError (P-160), NotInitializedError (P-161), InvalidArgumentError for no value (P-166).
   * @throws InvalidStateError for a source that would have to be read now, and from a Trainer's distributed store (P-164).
   */
  setData(data: ParameterData): void {
    setData(this, this.#state, data);
  }

  /** P-042 … P-046: new arrays, gradients keep their values. @throws UnsupportedDTypeError for packed dtypes. */
  cast(dtype: DType): void {
    const checked = checkDType(this.name, dtype);
    const state = this.#state;
    naming(state, () => {
      assertHoldable(checked);
      state.value?.cast(checked);
    });
    state.deferred?.abandon(this.name);
    state.dtype = checked;
    this.#variable = null;
  }

  /** The copy on `device`: the live array, a write to it changes the Parameter (P-081 … P-087, P-140, P-141). */
  data(device?: Device): NDArray {
    return dataOf(this.#state, device);
  }

  /** The live copies in the order of the devices (P-080, P-143). */
  listData(): readonly NDArray[] {
    return listDataOf(this.#state);
  }

  /** @internal The live copies of any storage type, for a Trainer's store. */
  ownCopies(): readonly NDArray[] {
    return allCopiesOf(this.#state);
  }

  /** P-144 … P-146: of the storage type `gradStype`. */
  grad(device?: Device): NDArray {
    return gradOf(this.#state, device);
  }

  /** P-147 */
  listGrad(): readonly NDArray[] {
    return listGradOf(this.#state);
  }

  /**
   * The rows `rowId` of a row_sparse Parameter from its Trainer's store, ascending and each once, as an
   * array of the caller's own on the device of `rowId` (P-200 … P-206). Its gradient is the Parameter's.
   *
   * @throws InvalidStateError for other storage types and without a Trainer, InvalidArgumentError for no row ids.
   */
  rowSparseData(rowId: RowIds): RowSparseNDArray {
    return rowSparseData({ parameter: this, state: this.#state }, rowId);
  }

  /** The same rows on every device, in the order of the devices (P-201, P-207). */
  listRowSparseData(rowId: RowIds): readonly RowSparseNDArray[] {
    return listRowSparseData({ parameter: this, state: this.#state }, rowId);
  }

  /** The devices that hold copies, or will once a deferred Parameter is finished (P-148). */
  listDevice(): readonly Device[] {
    const devices = devicesOf(this.#state);
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
    this.#state.value?.zeroGrad();
  }

  /**
   * The mean of the copies, as an array of its own on cpu(0) (P-175, P-178, P-179). Where the storage is
   * sparse: all rows of the Trainer's store. @throws InvalidStateError without a Trainer there (P-176).
   */
  reduce(): NDArray {
    if (this.stype !== 'default') return pullAllRows({ parameter: this, state: this.#state });
    const { value } = this.#state;
    if (!value) throw missing(this.#state);
    return naming(this.#state, () => value.mean());
  }

  /**
   * Initialized: what `reduce` gives goes to the given devices, gradients are new zeros (P-171).
   * Deferred: only says where the copies will be (P-126). Null is the current device (P-170).
   */
  resetDevice(device: Device | readonly Device[] | null): void {
    const state = this.#state;
    const devices = checkDevices(this.name, device);
    if (state.value) moveTo(state, devices, this.reduce());
    else if (state.deferred) defer(state, devices, state.deferred.value);
    else throw notInitialized(this.name);
  }

  /** @deprecated Use `resetDevice` (P-174). */
  resetCtx(device: Device | readonly Device[] | null): void {
    warnings.emit('DeprecationWarning', 'Parameter.resetCtx has been renamed to Parameter.resetDevice.');
    this.resetDevice(device);
  }

  /** The Trainer that updates this Parameter, held weakly; null clears it (P-190 … P-194). @throws InvalidStateError (P-191) */
  setTrainer(trainer: ParameterTrainer | null): void {
    linkTrainer(this.#state, trainer);
  }

  /**
   * Takes over what is asked for and not known here, and checks that the rest is equal (P-240 … P-246).
   * @throws InvalidArgumentError
   */
  checkAndSetAttr(attributes: ParameterAttributes): void {
    const { shape, init } = reconcile(this.name, attributesOf(this.#state, this), attributes);
    if (shape) this.#state.shape = shape;
    if (init) this.#state.init = init;
  }

  /** @internal The live copies of an initialized Parameter for one piece of work, after which nobody holds them. */
  lendCopies(): readonly NDArray[] {
    return this.#state.value?.copies.own ?? [];
  }

  /** The Symbol that stands for this Parameter in graphs; one and the same until a cast (P-152 … P-155). */
  var(): GraphSymbol {
    this.#variable ??= variableOf(this);
    return this.#variable;
  }

  /** A description of every copy; empty unless initialized. */
  copies(): readonly ParameterCopy[] {
    return describeArrays(this.#state.value?.copies);
  }

  /** A description of every gradient buffer. */
  gradients(): readonly ParameterCopy[] {
    return describeArrays(this.#state.value?.grads);
  }

  toString(): string {
    return `Parameter (shape=${formatKnownShape(this.#state.shape)}, dtype=${this.dtype})`;
  }
}
