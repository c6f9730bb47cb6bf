import { z } from 'zod';
import type { ElementRule } from './element-rule.ts';
import { Initializer } from './initializer.ts';
import { parseKwargs, type RawKwargs } from './kwargs.ts';
import { register } from './registry.ts';

const uniformKwargs = z.strictObject({ scale: z.number().optional() });
const normalKwargs = z.strictObject({ sigma: z.number().optional() });

/** Uniform in [-`scale`, `scale`). */
export class Uniform extends Initializer {
  readonly scale: number;

  constructor(scale = 0.07) {
    super({ scale });
    this.scale = scale;
  }

  static fromKwargs(kwargs: RawKwargs): Uniform {
    return new Uniform(parseKwargs('uniform', uniformKwargs, kwargs).scale);
  }

  override elementRule(): ElementRule {
    return { kind: 'uniform', low: -this.scale, high: this.scale };
  }
}

/** Normal around 0 with standard deviation `sigma`. */
export class Normal extends Initializer {
  readonly sigma: number;

  constructor(sigma = 0.01) {
    super({ sigma });
    this.sigma = sigma;
  }

  static fromKwargs(kwargs: RawKwargs): Normal {
    return new Normal(parseKwargs('normal', normalKwargs, kwargs).sigma);
  }

  override elementRule(): ElementRule {
    return { kind: 'normal', sigma: this.sigma };
  }
}

register(Uniform);
register(Normal);
