import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError } from '../errors.ts';
import { Layer } from './layer.ts';

const ACTIVATIONS = {
  relu: (x: NDArray) => x.relu(),
  sigmoid: (x: NDArray) => x.sigmoid(),
  tanh: (x: NDArray) => x.tanh(),
  softsign: (x: NDArray) => x.div(x.abs().add(1)),
} as const;

export type ActivationName = keyof typeof ACTIVATIONS;

/** @throws InvalidArgumentError for a name that is no activation. */
export function checkActivation(name: ActivationName): ActivationName {
  if (Object.hasOwn(ACTIVATIONS, name)) return name;
  throw new InvalidArgumentError(
    `Unknown activation ${JSON.stringify(name)}: expected one of ${Object.keys(ACTIVATIONS).join(', ')}.`,
  );
}

/** Applies an activation to every element; null leaves `x` as it is. */
export function activate(x: NDArray, name: ActivationName | null): NDArray {
  return name === null ? x : ACTIVATIONS[name](x);
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
