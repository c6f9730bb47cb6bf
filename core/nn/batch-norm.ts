import type { NDArray } from '../device/nd-array.ts';
import type { InitializerSpec } from '../initializer/index.ts';
import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import { Parameter } from '../parameter/parameter.ts';
import { cast, type OperatorCall, OperatorLayer } from './layer.ts';
import { formatFlag, formatSize } from './layer-arguments.ts';
import { type NormOptions, scaleAndOffset } from './norm-parameters.ts';

export interface BatchNormOptions extends NormOptions {
  /** The axis of the channels, which are normalized each by itself. */
  readonly axis?: number;
  /** How much of the running statistics a batch leaves as it was. */
  readonly momentum?: number;
  /** The running statistics are used in training too, and stay as they are. */
  readonly useGlobalStats?: boolean;
  readonly runningMeanInitializer?: InitializerSpec;
  readonly runningVarianceInitializer?: InitializerSpec;
}

/**
 * Gluon's `nn.BatchNorm`. In training, a channel is normalized by the mean and the population variance
 * of the batch, and `running = momentum * running + (1 - momentum) * batch` on the device of the input;
 * otherwise by the running statistics, which are Parameters without gradient (`running_mean` and
 * `running_var`, the names that MXNet's files have).
 */
export class BatchNorm extends OperatorLayer {
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly #attributes: { readonly axis: number; readonly momentum: number; readonly epsilon: number };
  readonly #useGlobalStats: boolean;

  /** @throws InvalidArgumentError for an `inChannels` that is no size. */
  constructor(options: BatchNormOptions = {}) {
    super();
    const { axis = 1, momentum = 0.9, epsilon = 1e-5, inChannels = 0 } = options;
    this.#attributes = { axis, momentum, epsilon };
    this.#useGlobalStats = options.useGlobalStats ?? false;
    const { gamma, beta } = scaleAndOffset('BatchNorm', options);
    this.gamma = gamma;
    this.beta = beta;
    const common = { shape: [inChannels], allowDeferredInit: true, differentiable: false };
    const mean = new Parameter('running_mean', { ...common, init: options.runningMeanInitializer ?? 'zeros' });
    const variance = new Parameter('running_var', { ...common, init: options.runningVarianceInitializer ?? 'ones' });
    this.registerParameter('running_mean', mean);
    this.registerParameter('running_var', variance);
  }

  get runningMean(): Parameter {
    return this.params.get('running_mean');
  }

  get runningVar(): Parameter {
    return this.params.get('running_var');
  }

  /** Statistics need more than half precision: floats of less than 32 bits leave the Parameters at float32, as in Gluon. */
  override cast(dtype: DType): void {
    super.cast(isNarrow(dtype) ? 'float32' : dtype);
  }

  protected override operatorCall(): OperatorCall {
    const { gamma, beta, runningMean, runningVar } = this;
    const attributes = {
      ...this.#attributes,
      fixGamma: !gamma.differentiable,
      useGlobalStats: this.#useGlobalStats,
    };
    return { name: 'batch_norm', attributes, parameters: [gamma, beta, runningMean, runningVar] };
  }

  protected override compute(x: NDArray): NDArray {
    if (!isNarrow(x.dtype)) return super.compute(x);
    return cast(super.compute(cast(x, this.gamma.dtype)), x.dtype);
  }

  /** `BatchNorm(axis=1, eps=0.00001, momentum=0.9, fix_gamma=False, use_global_stats=False, in_channels=4)`, as Gluon prints it. */
  override toString(): string {
    const { axis, epsilon, momentum } = this.#attributes;
    const flags = [
      `fix_gamma=${formatFlag(!this.gamma.differentiable)}`,
      `use_global_stats=${formatFlag(this.#useGlobalStats)}`,
    ];
    const channels = formatSize(this.gamma.shape?.[0]);
    return `BatchNorm(axis=${axis}, eps=${epsilon}, momentum=${momentum}, ${flags.join(', ')}, in_channels=${channels})`;
  }
}

function isNarrow(dtype: DType): boolean {
  const { kind, bits } = dtypeInfo(dtype);
  return kind === 'float' && bits < 32;
}
