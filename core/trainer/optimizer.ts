import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { Attributes } from '../device/protocol.ts';
import { RowSparseNDArray } from '../device/sparse.ts';
import { InvalidArgumentError, InvalidStateError, UnsupportedDTypeError } from '../errors.ts';
import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import type { CommonOptions, LRScheduler } from './optimizer-options.ts';

/** Names a weight: a Trainer's slot number, or what the user of a KVStore chose. */
export type Key = number | string;

/** What an optimizer remembers of a weight: arrays of its shape and on its device, by name. */
export type OptimizerState = Readonly<Record<string, NDArray>>;

/** Factors of one weight; a Parameter is one, so that its changes act at once (T-006). */
export interface Multipliers {
  readonly lrMult: number;
  readonly wdMult: number;
}

export interface WeightUpdate {
  readonly weight: NDArray;
  /** Dense or row_sparse, of the weight's shape, on its device. */
  readonly grad: NDArray;
  readonly state: OptimizerState;
}

/** Numbers of one update: the rates with the weight's own factors, and how many it has had, this one included. */
export interface UpdateStep {
  readonly lr: number;
  readonly wd: number;
  readonly count: number;
}

/** A kernel of core/device/worker/operators/optimizer.ts, and its attributes beside the common ones. */
export interface UpdateKernel {
  readonly name: string;
  readonly lr: number;
  readonly attributes?: Attributes;
}

/** The float32 copy of a narrower weight, among the state. */
const MASTER = 'weight32';

/**
 * Updates weights in place by their gradients, after `mxnet.optimizer.Optimizer`: everything is enqueued
 * on the weight's device. One optimizer may serve several devices, whose updates it counts apart.
 */
export abstract class Optimizer {
  abstract readonly name: string;
  /** By key, as a Trainer sets them. */
  paramDict: ReadonlyMap<Key, Multipliers> = new Map();
  rescaleGrad: number;
  readonly wd: number;
  readonly clipGradient: number | null;
  readonly multiPrecision: boolean;
  readonly aggregateNum: number;
  readonly beginNumUpdate: number;
  readonly lrScheduler: LRScheduler | null;
  #learningRate: number;
  #numUpdate: number;
  readonly #counts = new Map<string, Map<Key, number>>();

  constructor(options: CommonOptions) {
    this.#learningRate = options.learningRate ?? 0.01;
    this.lrScheduler = options.lrScheduler ?? null;
    this.wd = options.wd ?? 0;
    this.rescaleGrad = options.rescaleGrad ?? 1;
    this.clipGradient = options.clipGradient ?? null;
    this.multiPrecision = options.multiPrecision ?? false;
    this.aggregateNum = options.aggregateNum ?? 1;
    this.beginNumUpdate = options.beginNumUpdate ?? 0;
    this.#numUpdate = this.beginNumUpdate;
  }

  /** The most updates that any weight has had on any device. */
  get numUpdate(): number {
    return this.#numUpdate;
  }

  /** What the scheduler says, or the rate that was set (T-022). */
  get learningRate(): number {
    return this.lrScheduler?.(this.#numUpdate) ?? this.#learningRate;
  }

  /** @throws InvalidStateError where there is a scheduler, InvalidArgumentError for what is no finite number. */
  setLearningRate(learningRate: number): void {
    if (this.lrScheduler) {
      throw new InvalidStateError(
        'LRScheduler of the optimizer has already been defined: the learning rate can be set only where there is none.',
      );
    }
    if (!Number.isFinite(learningRate)) {
      throw new InvalidArgumentError(`The learning rate must be a finite number, got ${learningRate}.`);
    }
    this.#learningRate = learningRate;
  }

  lrOf(key: Key): number {
    return this.learningRate * (this.paramDict.get(key)?.lrMult ?? 1);
  }

  wdOf(key: Key): number {
    return this.wd * (this.paramDict.get(key)?.wdMult ?? 1);
  }

  /** Zeros, in the weight's dtype; with `multiPrecision` in float32 beside a float32 copy of a narrower weight. */
  createState(weight: NDArray): OptimizerState {
    assertFloat(weight);
    const { runtime, shape, device } = weight;
    const widens = this.multiPrecision && dtypeInfo(weight.dtype).bits < 32;
    const dtype = widens ? 'float32' : weight.dtype;
    const state = Object.fromEntries(this.stateNames().map((name) => [name, runtime.zeros({ shape, dtype, device })]));
    return widens ? { ...state, [MASTER]: runtime.cast(weight, 'float32', device) } : state;
  }

  /** @throws InvalidArgumentError where an array that this optimizer needs is not there. */
  assertComplete(state: OptimizerState): void {
    for (const name of this.stateNames()) stateArray(state, name);
  }

  /** Enqueues one update of the weight `key`. @throws UnsupportedDTypeError unless it is floating-point. */
  update(key: Key, update: WeightUpdate): void {
    const { weight, grad, state } = update;
    assertFloat(weight);
    const step = { count: this.#count(key, weight.device), lr: this.lrOf(key), wd: this.wdOf(key) };
    const kernel = this.kernel(step);
    const target = state[MASTER] ?? weight;
    const targets = [target, ...this.stateNames().map((name) => stateArray(state, name))];
    const attributes = {
      ...kernel.attributes,
      lr: kernel.lr,
      wd: step.wd,
      rescale_grad: this.rescaleGrad,
      clip_gradient: this.clipGradient ?? -1,
    };
    withInputs(grad, this.lazyUpdate, (inputs) => {
      weight.runtime.invokeInto(kernel.name, inputs, { attributes, targets });
    });
    if (target !== weight) weight.runtime.assign(weight, target);
  }

  /** The numbers that a file of states keeps beside the arrays. */
  hyperparameters(): Readonly<Record<string, number | boolean | null>> {
    const { wd, clipGradient, multiPrecision, beginNumUpdate, aggregateNum } = this;
    return { learningRate: this.#learningRate, wd, clipGradient, multiPrecision, beginNumUpdate, aggregateNum };
  }

  /** How many updates each weight has had on `device`. */
  updateCounts(device: Device): ReadonlyMap<Key, number> {
    return this.#counts.get(device.toString()) ?? new Map();
  }

  /** @internal What a file of states said. */
  restoreCounts(devices: readonly Device[], counts: ReadonlyMap<Key, number>): void {
    for (const device of devices) this.#counts.set(device.toString(), new Map(counts));
    this.#numUpdate = Math.max(this.beginNumUpdate, ...counts.values());
  }

  /** True where a row_sparse gradient changes only the rows that it holds. */
  protected abstract readonly lazyUpdate: boolean;

  /** The state's arrays in the kernel's order. */
  protected abstract stateNames(): readonly string[];

  protected abstract kernel(step: UpdateStep): UpdateKernel;

  #count(key: Key, device: Device): number {
    const name = device.toString();
    const counts = this.#counts.get(name) ?? new Map<Key, number>();
    this.#counts.set(name, counts);
    const count = (counts.get(key) ?? this.beginNumUpdate) + 1;
    counts.set(key, count);
    this.#numUpdate = Math.max(count, this.#numUpdate);
    return count;
  }
}

/** Calls `update` with what a kernel takes of a gradient: the dense values, or row indices and rows. */
function withInputs(grad: NDArray, lazy: boolean, update: (inputs: readonly NDArray[]) => void): void {
  if (grad.stype === 'default') {
    update([grad]);
  } else if (lazy && grad instanceof RowSparseNDArray) {
    update(grad.buffer.parts);
  } else {
    const dense = grad.toStype('default');
    update([dense]);
    dense.dispose();
  }
}

function stateArray(state: OptimizerState, name: string): NDArray {
  const array = state[name];
  if (array) return array;
  throw new InvalidArgumentError(
    `The optimizer's state lacks the array ${name}: it was made by another optimizer or with other arguments.`,
  );
}

/** @throws UnsupportedDTypeError unless floating-point. */
export function assertFloat({ dtype }: { readonly dtype: DType }): void {
  if (dtypeInfo(dtype).kind === 'float') return;
  throw new UnsupportedDTypeError(
    `Optimizers update floating-point weights, got ${dtype}: set gradReq to 'null', or cast the Parameter.`,
    { dtype },
  );
}
