import type { NDArray } from '../device/nd-array.ts';
import type { InitializerSpec } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import { Parameter } from '../parameter/parameter.ts';
import { type ActivationName, activate, checkActivation } from './activation.ts';
import { type OperatorCall, OperatorLayer } from './layer.ts';
import { checkSizes, checkUnknownSize, formatSize, present } from './layer-arguments.ts';

export interface DenseOptions {
  readonly activation?: ActivationName | null;
  readonly useBias?: boolean;
  /** All axes of the input but the first become one; without it, only the last axis is transformed. */
  readonly flatten?: boolean;
  readonly dtype?: DType;
  readonly weightInitializer?: InitializerSpec | null;
  readonly biasInitializer?: InitializerSpec;
  /** Features of the input; by default the first input tells. */
  readonly inUnits?: number;
}

/** Gluon's `nn.Dense`: `activation(x · weightᵀ + bias)`, with a weight of shape (units, inUnits). */
export class Dense extends OperatorLayer {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly #activation: ActivationName | null;
  readonly #flatten: boolean;

  /** @throws InvalidArgumentError for sizes that are no positive integers and for an unknown activation. */
  constructor(units: number, options: DenseOptions = {}) {
    super();
    const { activation = null, useBias = true, flatten = true, dtype = 'float32', inUnits = 0 } = options;
    checkSizes('Dense', { units });
    checkUnknownSize('Dense', 'inUnits', inUnits);
    this.#activation = activation === null ? null : checkActivation(activation);
    this.#flatten = flatten;
    const common = { dtype, allowDeferredInit: true };
    this.weight = new Parameter('weight', {
      ...common,
      shape: [units, inUnits],
      init: options.weightInitializer ?? null,
    });
    this.bias = useBias
      ? new Parameter('bias', { ...common, shape: [units], init: options.biasInitializer ?? 'zeros' })
      : null;
  }

  protected override operatorCall(): OperatorCall {
    return {
      name: 'fully_connected',
      attributes: { flatten: this.#flatten },
      parameters: present(this.weight, this.bias),
    };
  }

  protected override compute(x: NDArray): NDArray {
    return activate(super.compute(x), this.#activation);
  }

  /** `Dense(3 -> 4, linear)`; None where the input's features are unknown. */
  override toString(): string {
    const [units, inUnits] = this.weight.shape ?? [];
    return `Dense(${formatSize(inUnits)} -> ${formatSize(units)}, ${this.#activation ?? 'linear'})`;
  }
}
