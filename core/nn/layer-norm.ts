import type { Parameter } from '../parameter/parameter.ts';
import { type OperatorCall, OperatorLayer } from './layer.ts';
import { formatFlag, formatSize } from './layer-arguments.ts';
import { type NormOptions, scaleAndOffset } from './norm-parameters.ts';

export interface LayerNormOptions extends NormOptions {
  /** The axis that is normalized; by default the last. */
  readonly axis?: number;
}

/** Gluon's `nn.LayerNorm`: every run along the axis gets mean 0 and variance 1, then gamma and beta. */
export class LayerNorm extends OperatorLayer {
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly #axis: number;
  readonly #epsilon: number;

  /** @throws InvalidArgumentError for an `inChannels` that is no size. */
  constructor(options: LayerNormOptions = {}) {
    super();
    this.#axis = options.axis ?? -1;
    this.#epsilon = options.epsilon ?? 1e-5;
    const { gamma, beta } = scaleAndOffset('LayerNorm', options);
    this.gamma = gamma;
    this.beta = beta;
  }

  protected override operatorCall(): OperatorCall {
    const attributes = { axis: this.#axis, epsilon: this.#epsilon };
    return { name: 'layer_norm', attributes, parameters: [this.gamma, this.beta] };
  }

  /** `LayerNorm(eps=0.00001, axis=-1, center=True, scale=True, in_channels=4)`, as Gluon prints it. */
  override toString(): string {
    const center = formatFlag(this.beta.differentiable);
    const scale = formatFlag(this.gamma.differentiable);
    const channels = formatSize(this.gamma.shape?.[0]);
    return `LayerNorm(eps=${this.#epsilon}, axis=${this.#axis}, center=${center}, scale=${scale}, in_channels=${channels})`;
  }
}
