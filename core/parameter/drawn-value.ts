import { cpu } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { fillByRule } from '../initializer/element-rule.ts';
import type { Range } from '../initializer/fill.ts';
import { createInitializer, InitDesc, Initializer, type InitializerSpec, RNNFused } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';

/** What decides how a Parameter gets its first value. An empty `init` asks for `defaultInit` by name (P-110). */
export interface InitializerChoice {
  readonly init?: InitializerSpec | null | undefined;
  readonly defaultInit?: InitializerSpec | null | undefined;
}

/** Gluon's default (P-100): uniform in [-0.07, 0.07). */
const DEFAULT_INIT = 'uniform';

export interface DrawSpec {
  readonly runtime: DeviceRuntime;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A value that an initializer draws, once for all copies (P-112). */
export class DrawnValue {
  readonly initializer: Initializer;
  readonly #byName: boolean;

  /**
   * `byName`: what is set depends on the ending of the Parameter's name, not on the initializer alone (P-109, P-110).
   * @throws InvalidArgumentError for what is no initializer.
   */
  constructor(spec: InitializerSpec, byName = false) {
    this.initializer = createInitializer(spec);
    this.#byName = byName;
  }

  /**
   * The elements of `range` of what `draw` gives, as an array of one axis, bit for bit, whatever the size of the whole;
   * null where they cannot be had without the others (Orthogonal and its like). `range` begins at a multiple of four.
   */
  drawRange(name: string, { range, shape, runtime, dtype }: DrawSpec & { readonly range: Range }): NDArray | null {
    const { initializer } = this;
    // A class of the user's may have a weight rule of its own.
    if (this.#byName || initializer.initWeight !== Initializer.prototype.initWeight) return null;
    const desc = new InitDesc(name);
    const rule = initializer.elementRule(desc, shape);
    if (!rule) return null;
    const { start, count } = range;
    return filled({ runtime, dtype, shape: [count] }, (array) => fillByRule(desc, array, { rule, start }));
  }

  /** A dense array on cpu(0). @throws what the initializer throws for such an array. */
  draw(name: string, spec: DrawSpec): NDArray {
    const desc = new InitDesc(name, this.#byName ? {} : { __init__: this.initializer });
    return filled(spec, (array) => this.initializer.apply(desc, array));
  }
}

function filled({ runtime, shape, dtype }: DrawSpec, fill: (array: NDArray) => void): NDArray {
  const array = runtime.zeros({ shape, dtype, device: cpu() });
  try {
    fill(array);
    return array;
  } catch (error) {
    array.dispose();
    throw error;
  }
}

/**
 * P-106: the argument, else the Parameter's own, else the default. An own RNNFused is always used, and
 * what would have been used sets the parts for which it has no initializer (P-111).
 *
 * @throws InvalidArgumentError for what is no initializer.
 */
export function chooseInitializer(own: InitializerSpec | null, { init, defaultInit }: InitializerChoice): DrawnValue {
  if (own instanceof RNNFused) {
    own.setInitializer(init || (defaultInit ?? DEFAULT_INIT));
    return new DrawnValue(own);
  }
  if (init === '') return new DrawnValue(defaultInit ?? DEFAULT_INIT, true);
  return new DrawnValue(init ?? own ?? defaultInit ?? DEFAULT_INIT);
}
