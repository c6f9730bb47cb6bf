import { InvalidArgumentError } from '../errors.ts';
import { Optimizer, type UpdateKernel, type UpdateStep } from './optimizer.ts';
import { parseOptions, type SGDOptions, sgdOptions } from './optimizer-options.ts';

/**
 * Stochastic gradient descent, with g = clip(rescaleGrad · grad) + wd · w. Without momentum
 * w −= lr · g; with it m = momentum · m − lr · g and w += m. Default learning rate 0.1.
 */
export class SGD extends Optimizer {
  readonly name = 'sgd';
  readonly momentum: number;
  protected override readonly lazyUpdate: boolean;

  /** @throws InvalidArgumentError for unknown or bad arguments, and for lazy updates with `multiPrecision`. */
  constructor(options: SGDOptions = {}) {
    const parsed = parseOptions('sgd', sgdOptions, options);
    super({ ...parsed, learningRate: parsed.learningRate ?? 0.1 });
    this.momentum = parsed.momentum ?? 0;
    this.lazyUpdate = parsed.lazyUpdate ?? false;
    if (this.lazyUpdate && this.multiPrecision) {
      throw new InvalidArgumentError('The optimizer sgd cannot have both lazyUpdate and multiPrecision.');
    }
  }

  override hyperparameters(): Readonly<Record<string, number | boolean | null>> {
    return { ...super.hyperparameters(), momentum: this.momentum, lazyUpdate: this.lazyUpdate };
  }

  protected override stateNames(): readonly string[] {
    return this.momentum === 0 ? [] : ['momentum'];
  }

  protected override kernel({ lr }: UpdateStep): UpdateKernel {
    if (this.momentum === 0) return { name: 'sgd_update', lr };
    return { name: 'sgd_mom_update', lr, attributes: { momentum: this.momentum } };
  }
}
