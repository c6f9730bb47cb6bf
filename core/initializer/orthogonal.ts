import { z } from 'zod';
import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { elementCount, formatShape } from '../ndarray/shape.ts';
import { assertFloat } from './fill.ts';
import type { InitDesc } from './init-desc.ts';
import { Initializer } from './initializer.ts';
import { parseKwargs, type RawKwargs } from './kwargs.ts';
import { nextDraw } from './random-stream.ts';
import { register } from './registry.ts';

export interface OrthogonalOptions {
  /** 1.414 by default. */
  readonly scale?: number | undefined;
  /** What is made orthogonal: `'uniform'` (the default) or `'normal'`; anything else is refused when an array is set. */
  readonly randType?: string | undefined;
}

const orthogonalKwargs = z.strictObject({ scale: z.number().optional(), rand_type: z.string().optional() });

/** MXNet's, which is not quite the square root of 2. */
const DEFAULT_SCALE = 1414 / 1000;

/**
 * A weight W, seen as a matrix of shape[0] rows, with W·Wᵀ = scale²·I, or Wᵀ·W = scale²·I where it has
 * more rows than columns: Saxe, McClelland and Ganguli 2013. Takes float64 memory of its size while it works, and
 * time that grows with rows · columns · the lesser of the two: about a minute for (4096, 4096).
 */
export class Orthogonal extends Initializer {
  readonly scale: number;
  readonly randType: string;

  constructor({ scale = DEFAULT_SCALE, randType = 'uniform' }: OrthogonalOptions = {}) {
    super({ scale, rand_type: randType });
    this.scale = scale;
    this.randType = randType;
  }

  static fromKwargs(kwargs: RawKwargs): Orthogonal {
    const { scale, rand_type } = parseKwargs('orthogonal', orthogonalKwargs, kwargs);
    return new Orthogonal({ scale, randType: rand_type });
  }

  override initWeight(desc: InitDesc | string, array: NDArray): void {
    const [rows, ...rest] = array.shape;
    if (rows === undefined || rest.length === 0) {
      throw new ShapeMismatchError(
        `Orthogonal initializer cannot be applied to vector ${desc}. It requires at least 2D, got shape ${formatShape(array.shape)}.`,
      );
    }
    if (this.randType !== 'uniform' && this.randType !== 'normal') {
      throw new InvalidArgumentError(`Unknown random type ${this.randType} for ${desc}: expected uniform or normal.`);
    }
    assertFloat(desc, array);
    if (array.size === 0) return;
    const { runtime, device } = array;
    const columns = elementCount(rest);
    const shape = [Math.min(rows, columns), Math.max(rows, columns)];
    const workspace = runtime.zeros({ shape, dtype: 'float64', device });
    const attributes = { columns, scale: this.scale, normal: this.randType === 'normal', ...nextDraw() };
    runtime.invokeInto('random_orthogonal', [], { attributes, targets: [array, workspace] });
    workspace.dispose();
  }
}

register(Orthogonal);
