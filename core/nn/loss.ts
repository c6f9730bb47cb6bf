import type { NDArray } from '../device/nd-array.ts';
import { normalizeAxis } from '../symbol/operators/shapes.ts';
import { Layer } from './layer.ts';

export interface LossOptions {
  /** Factor on the loss of every sample. */
  readonly weight?: number;
  /** The axis of the samples: one loss for each. */
  readonly batchAxis?: number;
}

/** Gluon's losses: a number per sample, the mean over everything that belongs to it. */
abstract class Loss extends Layer {
  readonly #weight: number;
  readonly #batchAxis: number;

  constructor({ weight = 1, batchAxis = 0 }: LossOptions) {
    super();
    this.#weight = weight;
    this.#batchAxis = batchAxis;
  }

  /** `sampleWeight` broadcasts against the losses of single elements. */
  protected perSample(loss: NDArray, sampleWeight: NDArray | undefined): NDArray {
    const weighted = sampleWeight ? loss.mul(sampleWeight) : loss;
    const scaled = this.#weight === 1 ? weighted : weighted.mul(this.#weight);
    const batchAxis = normalizeAxis(this.#batchAxis, scaled.shape.length);
    const axis = scaled.shape.map((_, index) => index).filter((index) => index !== batchAxis);
    return axis.length > 0 ? scaled.mean({ axis }) : scaled;
  }
}

/** Gluon's `L2Loss`: the mean of `(pred - label)² / 2` for every sample. */
export class L2Loss extends Loss {
  constructor(options: LossOptions = {}) {
    super(options);
  }

  /** `label` has as many elements as `pred`, in the same order. */
  protected override compute(pred: NDArray, label: NDArray, sampleWeight?: NDArray): NDArray {
    const loss = pred.sub(label.reshape(pred.shape)).square().mul(0.5);
    return this.perSample(loss, sampleWeight);
  }
}

export interface SoftmaxCrossEntropyLossOptions extends LossOptions {
  /** The axis of the classes. */
  readonly axis?: number;
  /** Labels are class numbers; without it, they are probabilities of the shape of `pred`. */
  readonly sparseLabel?: boolean;
  /** `pred` holds logarithms of probabilities already. */
  readonly fromLogits?: boolean;
}

/** Gluon's `SoftmaxCrossEntropyLoss`: `-log softmax(pred)` at the label, the mean of it for every sample. */
export class SoftmaxCrossEntropyLoss extends Loss {
  readonly #axis: number;
  readonly #sparseLabel: boolean;
  readonly #fromLogits: boolean;

  constructor(options: SoftmaxCrossEntropyLossOptions = {}) {
    super(options);
    this.#axis = options.axis ?? -1;
    this.#sparseLabel = options.sparseLabel ?? true;
    this.#fromLogits = options.fromLogits ?? false;
  }

  /** `label`: class numbers in the shape of `pred` without the axis of the classes, or probabilities. */
  protected override compute(pred: NDArray, label: NDArray, sampleWeight?: NDArray): NDArray {
    const axis = normalizeAxis(this.#axis, pred.shape.length);
    const logs = this.#fromLogits ? pred : pred.logSoftmax(axis);
    const chosen = this.#sparseLabel
      ? classesLast(logs, axis).pick(label).expandDims(axis)
      : logs.mul(label).sum({ axis, keepDims: true });
    return this.perSample(chosen.neg(), sampleWeight);
  }
}

function classesLast(x: NDArray, axis: number): NDArray {
  const last = x.shape.length - 1;
  if (axis === last) return x;
  const others = x.shape.map((_, index) => index).filter((index) => index !== axis);
  return x.transpose([...others, axis]);
}
