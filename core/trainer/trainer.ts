import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { RowSparseNDArray } from '../device/sparse.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { Parameter } from '../parameter/parameter.ts';
import type { ParameterTrainer, RowSparsePull } from '../parameter/trainer-link.ts';
import { clearFreshGradient, hasFreshGradient } from '../symbol/autograd.ts';
import type { KVStoreBase } from './kvstore-base.ts';
import { assertFloat, type Key, type Optimizer } from './optimizer.ts';
import type { OptimizerOptions } from './optimizer-options.ts';
import { loadUpdaterStates, saveUpdaterStates, type UpdaterPlace } from './states-file.ts';
import { commonDevices, distinctParameters, type TrainedParameters } from './trained-parameters.ts';
import { adopt, assertFresh, checkAggregation, optimizerOf } from './trainer-rules.ts';
import { TrainerStore } from './trainer-store.ts';
import { Updater } from './updater.ts';

export interface TrainerOptions {
  /** `'device'` (the default) and `'local'` make a store where there are several devices; null makes none. */
  readonly kvstore?: KVStoreBase | string | null;
  /** Whether the store updates the weights, or every device its own copy. By default as MXNet decides (T-009 … T-012). */
  readonly updateOnKvstore?: boolean | null;
}

export interface StepOptions {
  /** Passes over copies whose gradient backward has not reached since the last step, instead of failing. */
  readonly ignoreStaleGrad?: boolean;
}

/**
 * Applies an optimizer to Parameters after backward, after `mxnet.gluon.Trainer`; the T- numbers are rows
 * of trainer_autograd.md. Steps only enqueue work: errors of the devices reject the next read. The store
 * is made by the first call that needs it (T-008).
 */
export class Trainer implements ParameterTrainer {
  readonly #parameters: readonly Parameter[];
  readonly #devices: readonly Device[];
  readonly #store: TrainerStore;
  readonly #updaters: readonly Updater[];
  /** The optimizer's own factor on gradients, which steps divide by the batch size. */
  readonly #scale: number;
  #optimizer: Optimizer;

  /**
   * @throws InvalidArgumentError for what are no Parameters (T-002), a bad optimizer or bad arguments of it (T-006, T-007).
   * @throws NotInitializedError, DeviceMismatchError unless all are on the same devices (T-005).
   * @throws InvalidStateError where a sparse Parameter has another Trainer (P-191).
   */
  constructor(
    parameters: TrainedParameters,
    optimizer: string | Optimizer,
    optimizerParams: OptimizerOptions | null = null,
    options: TrainerOptions = {},
  ) {
    this.#parameters = distinctParameters(parameters);
    this.#devices = commonDevices(this.#parameters);
    this.#optimizer = optimizerOf(optimizer, optimizerParams);
    this.#scale = this.#optimizer.rescaleGrad;
    this.#updaters = this.#devices.map(() => new Updater(this.#optimizer));
    this.#store = new TrainerStore({
      parameters: this.#parameters,
      devices: this.#devices,
      kvstore: options.kvstore === undefined ? 'device' : options.kvstore,
      updateOnKvstore: checkAggregation(this.#optimizer, options.updateOnKvstore ?? null),
    });
    adopt(this, this.#parameters);
    this.#bindParameters();
  }

  get optimizer(): Optimizer {
    return this.#optimizer;
  }

  /** One for each device's own copies; unused where the store updates them. */
  get updaters(): readonly Updater[] {
    return this.#updaters;
  }

  /** Null before the first use, and where one device needs none (T-008, T-013). */
  get kvstore(): KVStoreBase | null {
    return this.#store.store;
  }

  /** Null where there is no store (T-013). */
  get updateOnKvstore(): boolean | null {
    return this.#store.updatesWeights;
  }

  /** Parameters that are not in the store yet. */
  get waitingParameters(): readonly Parameter[] {
    return this.#store.waiting;
  }

  /** The scheduler's, or the one that was set (T-022). */
  get learningRate(): number {
    return this.#optimizer.learningRate;
  }

  /** @throws InvalidStateError where the optimizer has a scheduler (T-022). */
  setLearningRate(learningRate: number): void {
    this.#optimizer.setLearningRate(learningRate);
  }

  /**
   * Reduces gradients over devices and updates the weights by them, divided by `batchSize` (T-016).
   *
   * @throws InvalidStateError for a gradient that backward has not reached since the last step (T-020); nothing is changed then.
   * @throws DeferredInitializationError for a weight without data (T-014), UnsupportedDTypeError for one that is no float.
   */
  step(batchSize: number, options: StepOptions = {}): void {
    const scale = this.#scaleFor(batchSize);
    this.#assertScaleMayBe(scale);
    this.#store.prepare(this.#optimizer);
    this.#rescale(scale, options);
    this.#store.reduce();
    if (!this.updateOnKvstore) this.#updateCopies(options);
    else for (const parameter of this.#trained()) for (const copy of parameter.ownCopies()) clearFreshGradient(copy);
  }

  /** Sums every gradient over the devices (T-018). @throws InvalidStateError where the store updates weights (T-019). */
  allreduceGrads(): void {
    this.#store.prepare(this.#optimizer);
    this.#assertUpdatesCopies('allreduceGrads()');
    this.#store.reduce();
  }

  /** Updates the weights by the gradients as they are. @throws as `step`, and where the store updates weights (T-019). */
  update(batchSize: number, options: StepOptions = {}): void {
    const scale = this.#scaleFor(batchSize);
    this.#store.prepare(this.#optimizer);
    this.#assertUpdatesCopies('update()');
    this.#rescale(scale, options);
    this.#updateCopies(options);
  }

  /**
   * Writes what the optimizer is and remembers: for the store's weights, or for the first device's
   * (T-023). Replaces the file at once or leaves it as it was.
   */
  async saveStates(path: string): Promise<void> {
    this.#store.prepare(this.#optimizer);
    const [waiting] = this.#store.waiting;
    if (this.updateOnKvstore && waiting) {
      throw new InvalidStateError(
        `Cannot save trainer states: Parameter '${waiting.name}' is not yet initialized in the KVStore.`,
        { parameter: waiting.name },
      );
    }
    const [place] = this.#places();
    if (this.updateOnKvstore) await this.kvstore?.saveOptimizerStates(path);
    else if (place) await saveUpdaterStates(path, place);
  }

  /**
   * Reads what `saveStates` wrote, for all devices. The optimizer becomes that of the file, with the
   * scheduler of the present one; factors stay the Parameters' own (T-023). A failed load changes nothing.
   */
  async loadStates(path: string): Promise<void> {
    this.#store.prepare(this.#optimizer);
    const store = this.updateOnKvstore ? this.kvstore : null;
    this.#optimizer = await (store?.loadOptimizerStates(path) ?? loadUpdaterStates(path, this.#places()));
    this.#bindParameters();
  }

  /** @internal P-164, P-165 */
  beforeSetData(parameter: Parameter): void {
    if (this.updateOnKvstore && !this.#store.waiting.includes(parameter)) this.#store.reset();
  }

  /** @internal P-205 … P-208 */
  rowSparsePull(parameter: Parameter, request: RowSparsePull): RowSparseNDArray {
    this.#store.prepare(this.#optimizer);
    return this.#store.rows(parameter, request);
  }

  #bindParameters(): void {
    this.#optimizer.paramDict = new Map<Key, Parameter>(this.#parameters.map((parameter, slot) => [slot, parameter]));
  }

  #trained(): readonly Parameter[] {
    return this.#parameters.filter(({ gradReq }) => gradReq !== 'null');
  }

  #scaleFor(batchSize: number): number {
    if (Number.isFinite(batchSize) && batchSize > 0) return this.#scale / batchSize;
    throw new InvalidArgumentError(`The batch size must be a positive number, got ${batchSize}.`);
  }

  /** A distributed store keeps the scale of the first step (T-017). */
  #assertScaleMayBe(scale: number): void {
    if (!this.updateOnKvstore || !this.#store.isDistributed || this.#optimizer.rescaleGrad === scale) return;
    throw new InvalidStateError(
      'Possible change in the `batch_size` from the previous step: the gradient scale of a distributed KVStore that updates weights cannot change.',
    );
  }

  /** The last that may refuse a step. */
  #rescale(scale: number, { ignoreStaleGrad = false }: StepOptions): void {
    for (const parameter of this.#trained()) {
      assertFloat(parameter);
      if (!ignoreStaleGrad) assertFresh(parameter);
    }
    this.#optimizer.rescaleGrad = scale;
  }

  #assertUpdatesCopies(method: string): void {
    if (!this.updateOnKvstore) return;
    throw new InvalidStateError(
      `${method} when parameters are updated on kvstore is not supported. Try setting updateOnKvstore to false when creating the trainer.`,
    );
  }

  /** Device after device, as MXNet's updaters work (T-020). */
  #updateCopies({ ignoreStaleGrad = false }: StepOptions): void {
    const updates = this.#trained().map((parameter) => ({
      slot: this.#store.slotOf(parameter),
      grads: parameter.listGrad(),
      copies: parameter.listData(),
    }));
    this.#updaters.forEach((updater, i) => {
      for (const { slot, grads, copies } of updates) {
        const [grad, copy] = [grads[i], copies[i]];
        if (!grad || !copy || (ignoreStaleGrad && !hasFreshGradient(copy))) continue;
        updater.update(slot, grad, copy);
        clearFreshGradient(copy);
      }
    });
  }

  /** Where the states of every device's copies belong. */
  #places(): UpdaterPlace[] {
    return this.#updaters.map((updater, i) => ({
      updater,
      weights: new Map(
        this.#parameters.flatMap((parameter, slot): [Key, NDArray][] => {
          const copy = parameter.status === 'initialized' ? parameter.ownCopies()[i] : undefined;
          return copy ? [[slot, copy]] : [];
        }),
      ),
    }));
  }
}
