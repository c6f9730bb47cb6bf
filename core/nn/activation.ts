import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError } from '../errors.ts';
import { invokeOperator } from '../symbol/invoke.ts';
import { Layer } from './layer.ts';

/** Operators of one array that Gluon's layers know as activations. */
export const ACTIVATIONS = ['relu', 'sigmoid', 'tanh', 'softrelu', 'softsign'] as const;

export type ActivationName = (typeof ACTIVATIONS)[number];

/** @throws InvalidArgumentError for a name that is no activation. */
export function checkActivation(name: ActivationName): ActivationName {
  if (ACTIVATIONS.includes(name)) return name;
  throw new InvalidArgumentError(
    `Unknown activation ${JSON.stringify(name)}: expected one of ${ACTIVATIONS.join(', ')}.`,
  );
}

/** Applies an activation to every element; null leaves `x` as it is. */
export function activate(x: NDArray, name: ActivationName | null): NDArray {
  return name === null ? x : invokeOperator(name, [x]);
}

/** Gluon's `nn.Activation`: one function for every element. */
export class Activation extends Layer {
  readonly #name: ActivationName;

  /** @throws InvalidArgumentError for an unknown name. */
  constructor(activation: ActivationName) {
    super();
    this.#name = checkActivation(activation);
  }

  protected override compute(x: NDArray): NDArray {
    return activate(x, this.#name);
  }

  override toString(): string {
    return `Activation(${this.#name})`;
  }
}
