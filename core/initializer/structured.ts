import { z } from 'zod';
import type { NDArray } from '../device/nd-array.ts';
import { ShapeMismatchError } from '../errors.ts';
import { elementCount } from '../ndarray/shape.ts';
import { fillBilinear, fillRange, fillWith } from './fill.ts';
import type { InitDesc } from './init-desc.ts';
import { Initializer } from './initializer.ts';
import { parseKwargs, type RawKwargs } from './kwargs.ts';
import { PythonFloat, type PythonValue } from './python-json.ts';
import { register } from './registry.ts';

const lstmBiasKwargs = z.strictObject({ forget_bias: z.number().optional() });

/** The kernel of bilinear upsampling, for weights of 4 dimensions: the same in every channel. */
export class Bilinear extends Initializer {
  static fromKwargs(kwargs: RawKwargs): Bilinear {
    parseKwargs('bilinear', z.strictObject({}), kwargs);
    return new Bilinear();
  }

  override initWeight(desc: InitDesc | string, array: NDArray): void {
    fillBilinear(desc, array);
  }
}

/** Zero but for the second quarter, the forget gate's: `forgetBias` there (Jozefowicz et al. 2015: 1). */
export class LSTMBias extends Initializer {
  readonly forgetBias: number;

  constructor(forgetBias = 1) {
    super({ forget_bias: forgetBias });
    this.forgetBias = forgetBias;
  }

  static fromKwargs(kwargs: RawKwargs): LSTMBias {
    return new LSTMBias(parseKwargs('lstmbias', lstmBiasKwargs, kwargs).forget_bias);
  }

  override initWeight(desc: InitDesc | string, array: NDArray): void {
    const [rows, ...rest] = array.shape;
    if (rows === undefined) throw new ShapeMismatchError(`LSTMBias cannot be applied to ${desc}, which is a scalar.`);
    const gate = Math.floor(rows / 4) * elementCount(rest);
    fillWith(array, 0);
    fillRange(array, { start: gate, count: gate }, this.forgetBias);
  }

  protected override dumpedKwargs(): PythonValue {
    return { forget_bias: new PythonFloat(this.forgetBias) };
  }
}

register(Bilinear);
register(LSTMBias);
