import { Optimizer, type UpdateKernel, type UpdateStep } from './optimizer.ts';
import { type AdamOptions, type AdamWOptions, adamOptions, adamWOptions, parseOptions } from './optimizer-options.ts';

interface Betas {
  readonly beta1: number;
  readonly beta2: number;
}

const MOMENTS: readonly string[] = ['mean', 'variance'];

/**
 * Adam (Kingma and Ba 2015) as MXNet has it, with g = clip(rescaleGrad · grad) + wd · w: m and v are the
 * moving means of g and g², and w −= lr · √(1 − β2ᵗ) / (1 − β1ᵗ) · m / (√v + ε).
 */
export class Adam extends Optimizer {
  readonly name = 'adam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  protected override readonly lazyUpdate: boolean;

  /** @throws InvalidArgumentError for unknown or bad arguments. */
  constructor(options: AdamOptions = {}) {
    const parsed = parseOptions('adam', adamOptions, options);
    super({ ...parsed, learningRate: parsed.learningRate ?? 0.001 });
    this.beta1 = parsed.beta1 ?? 0.9;
    this.beta2 = parsed.beta2 ?? 0.999;
    this.epsilon = parsed.epsilon ?? 1e-8;
    this.lazyUpdate = parsed.lazyUpdate ?? false;
  }

  override hyperparameters(): Readonly<Record<string, number | boolean | null>> {
    const { beta1, beta2, epsilon, lazyUpdate } = this;
    return { ...super.hyperparameters(), beta1, beta2, epsilon, lazyUpdate };
  }

  protected override stateNames(): readonly string[] {
    return MOMENTS;
  }

  protected override kernel({ lr, count }: UpdateStep): UpdateKernel {
    const { beta1, beta2, epsilon } = this;
    return { name: 'adam_update', lr: lr * biasCorrection(this, count), attributes: { beta1, beta2, epsilon } };
  }
}

/**
 * Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019) as MXNet has it, with
 * g = clip(rescaleGrad · grad): w −= lr · c · (m / (√v + ε) + wd · w), where c is Adam's bias correction,
 * or 1 with `correctBias: false`. Unless told otherwise a Trainer does not update it on the store.
 */
export class AdamW extends Optimizer {
  readonly name = 'adamw';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly correctBias: boolean;
  protected override readonly lazyUpdate = false;

  /** @throws InvalidArgumentError for unknown or bad arguments. */
  constructor(options: AdamWOptions = {}) {
    const parsed = parseOptions('adamw', adamWOptions, options);
    super({
      ...parsed,
      learningRate: parsed.learningRate ?? 0.001,
      aggregateNum: parsed.aggregateNum ?? ADAMW_AGGREGATE_NUM,
    });
    this.beta1 = parsed.beta1 ?? 0.9;
    this.beta2 = parsed.beta2 ?? 0.999;
    this.epsilon = parsed.epsilon ?? 1e-6;
    this.correctBias = parsed.correctBias ?? true;
  }

  override hyperparameters(): Readonly<Record<string, number | boolean | null>> {
    const { beta1, beta2, epsilon, correctBias } = this;
    return { ...super.hyperparameters(), beta1, beta2, epsilon, correctBias };
  }

  protected override stateNames(): readonly string[] {
    return MOMENTS;
  }

  protected override kernel({ lr, count }: UpdateStep): UpdateKernel {
    const { beta1, beta2, epsilon } = this;
    const correction = this.correctBias ? biasCorrection(this, count) : 1;
    return { name: 'adamw_update', lr: lr * correction, attributes: { beta1, beta2, epsilon } };
  }
}

/** MXNet's default of the environment variable MXNET_OPTIMIZER_AGGREGATION_SIZE. */
const ADAMW_AGGREGATE_NUM = 4;

function biasCorrection({ beta1, beta2 }: Betas, count: number): number {
  return Math.sqrt(1 - beta2 ** count) / (1 - beta1 ** count);
}
