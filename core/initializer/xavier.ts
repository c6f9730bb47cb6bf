import { z } from 'zod';
import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { elementCount, formatShape, type Shape } from '../ndarray/shape.ts';
import type { ElementRule } from './element-rule.ts';
import type { InitDesc } from './init-desc.ts';
import { Initializer } from './initializer.ts';
import { type Kwargs, parseKwargs, type RawKwargs } from './kwargs.ts';
import { register } from './registry.ts';

export interface XavierOptions {
  /** `'uniform'` (the default) or `'gaussian'`; anything else is refused when an array is set. */
  readonly rndType?: string | undefined;
  /** `'avg'` (the default), `'in'` or `'out'`; anything else is refused when an array is set. */
  readonly factorType?: string | undefined;
  /** 3 by default. */
  readonly magnitude?: number | undefined;
}

export interface MSRAPreluOptions {
  /** `'avg'` (the default), `'in'` or `'out'`; anything else is refused when an array is set. */
  readonly factorType?: string | undefined;
  /** Of the PReLU for negative inputs; 0.25 by default. */
  readonly slope?: number | undefined;
}

const xavierKwargs = z.strictObject({
  rnd_type: z.string().optional(),
  factor_type: z.string().optional(),
  magnitude: z.number().optional(),
});

const msraPreluKwargs = z.strictObject({ factor_type: z.string().optional(), slope: z.number().optional() });

/**
 * Uniform in [-c, c), or normal with standard deviation c, where c = sqrt(magnitude / fan) for weights
 * of shape (out, in, ...kernel): Glorot and Bengio 2010.
 */
export class Xavier extends Initializer {
  readonly rndType: string;
  readonly factorType: string;
  readonly magnitude: number;

  constructor({ rndType = 'uniform', factorType = 'avg', magnitude = 3 }: XavierOptions = {}) {
    super({ rnd_type: rndType, factor_type: factorType, magnitude });
    this.rndType = rndType;
    this.factorType = factorType;
    this.magnitude = magnitude;
  }

  static fromKwargs(kwargs: RawKwargs): Xavier {
    const { rnd_type, factor_type, magnitude } = parseKwargs('xavier', xavierKwargs, kwargs);
    return new Xavier({ rndType: rnd_type, factorType: factor_type, magnitude });
  }

  override elementRule(desc: InitDesc | string, shape: Shape): ElementRule {
    const c = Math.sqrt(this.magnitude / fanOf(desc, shape, this.factorType));
    switch (this.rndType) {
      case 'uniform':
        return { kind: 'uniform', low: -c, high: c };
      case 'gaussian':
        return { kind: 'normal', sigma: c };
      default:
        throw new InvalidArgumentError(
          `Unknown random type ${this.rndType} for ${desc}: expected uniform or gaussian.`,
        );
    }
  }
}

/** Xavier's normal form with magnitude 2 / (1 + slope²), for layers before a PReLU: He et al. 2015. */
export class MSRAPrelu extends Xavier {
  override readonly kwargs: Kwargs;

  constructor({ factorType = 'avg', slope = 0.25 }: MSRAPreluOptions = {}) {
    super({ rndType: 'gaussian', factorType, magnitude: 2 / (1 + slope ** 2) });
    this.kwargs = { factor_type: factorType, slope };
  }

  static override fromKwargs(kwargs: RawKwargs): MSRAPrelu {
    const { factor_type, slope } = parseKwargs('msraprelu', msraPreluKwargs, kwargs);
    return new MSRAPrelu({ factorType: factor_type, slope });
  }
}

function fanOf(desc: InitDesc | string, shape: Shape, factorType: string): number {
  const [out, input, ...kernel] = shape;
  if (out === undefined || input === undefined) {
    throw new ShapeMismatchError(
      `Xavier initializer cannot be applied to vector ${desc}. It requires at least 2D, got shape ${formatShape(shape)}.`,
    );
  }
  const positions = elementCount(kernel);
  switch (factorType) {
    case 'avg':
      return ((input + out) * positions) / 2;
    case 'in':
      return input * positions;
    case 'out':
      return out * positions;
    default:
      throw new InvalidArgumentError(`Incorrect factor type ${factorType} for ${desc}: expected avg, in or out.`);
  }
}

register(Xavier);
register(MSRAPrelu);
