import type { NDArray } from '../device/nd-array.ts';
import { fillUniform } from '../initializer/fill.ts';
import { isTraining } from '../symbol/autograd-state.ts';
import { normalizeAxes } from '../symbol/operators/shapes.ts';
import { cast, Layer } from './layer.ts';
import { checkWithin } from './layer-arguments.ts';

export interface DropoutOptions {
  /** Axes along which all elements share one decision. */
  readonly axes?: readonly number[];
}

/**
 * Gluon's `nn.Dropout`: in training, every element is zero with probability `rate` and else divided by
 * `1 - rate`; otherwise the input passes as it is. `setSeed` makes the decisions reproducible.
 */
export class Dropout extends Layer {
  readonly #rate: number;
  readonly #axes: readonly number[];

  /** @throws InvalidArgumentError unless 0 <= rate < 1. */
  constructor(rate: number, { axes = [] }: DropoutOptions = {}) {
    super();
    this.#rate = checkWithin('Dropout', { name: 'rate', value: rate, low: 0, high: 1 });
    this.#axes = axes;
  }

  protected override compute(x: NDArray): NDArray {
    if (!isTraining() || this.#rate === 0) return x;
    return x.mul(this.#mask(x)).mul(1 / (1 - this.#rate));
  }

  /** 1 where an element is kept, 0 where it is dropped. */
  #mask(x: NDArray): NDArray {
    const shared = normalizeAxes(this.#axes, x.shape.length);
    const shape = x.shape.map((size, axis) => (shared.includes(axis) ? 1 : size));
    const draw = x.runtime.zeros({ shape, dtype: 'float32', device: x.device });
    try {
      fillUniform('dropout', draw, { low: 0, high: 1 });
      return cast(draw.greaterEqual(this.#rate), x.dtype);
    } finally {
      draw.dispose();
    }
  }

  /** `Dropout(p = 0.5, axes=())` */
  override toString(): string {
    return `Dropout(p = ${this.#rate}, axes=(${this.#axes.join(', ')}))`;
  }
}
