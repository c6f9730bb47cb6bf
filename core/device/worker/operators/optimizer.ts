import { InvalidArgumentError, InvalidStateError } from '../../../errors.ts';
import { elementCount } from '../../../ndarray/shape.ts';
import { numberOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import { BLOCK, writeNumbers } from '../convert.ts';
import type { DeviceArray, Numbers } from '../device-array.ts';
import { registerKernel } from './registry.ts';

/**
 * Updates of weights by gradients, in place, after MXNet's optimizer operators. The outputs are the
 * weight and the optimizer's state for it. One input is a dense gradient; two are the indices and rows of
 * a row_sparse one, and only these rows of the outputs change (MXNet's lazy update). The arithmetic is
 * float64; each output is rounded once to its dtype.
 */

/** A stretch of elements: `arrays` are the outputs, `grad` is rescaled and clipped. Changes them in place. */
type Rule = (arrays: readonly Float64Array[], grad: Float64Array) => void;

/** How the kernels of a family read their attributes. */
type RuleOf = (attributes: Attributes) => Rule;

registerUpdate('sgd_update', (attributes) => {
  const { lr, wd } = ratesOf(attributes);
  return ([weight = EMPTY], grad) => {
    for (let i = 0; i < grad.length; i++) {
      const w = weight[i] ?? 0;
      weight[i] = w - lr * ((grad[i] ?? 0) + wd * w);
    }
  };
});

registerUpdate('sgd_mom_update', (attributes) => {
  const { lr, wd } = ratesOf(attributes);
  const momentum = numberOf(attributes, 'momentum');
  return ([weight = EMPTY, velocity = EMPTY], grad) => {
    for (let i = 0; i < grad.length; i++) {
      const w = weight[i] ?? 0;
      const v = momentum * (velocity[i] ?? 0) - lr * ((grad[i] ?? 0) + wd * w);
      velocity[i] = v;
      weight[i] = w + v;
    }
  };
});

registerUpdate('adam_update', (attributes) => {
  const { lr, wd } = ratesOf(attributes);
  const moments = momentsOf(attributes);
  return ([weight = EMPTY, mean = EMPTY, variance = EMPTY], grad) => {
    for (let i = 0; i < grad.length; i++) {
      const w = weight[i] ?? 0;
      weight[i] = w - lr * moments([mean, variance], i, (grad[i] ?? 0) + wd * w);
    }
  };
});

/** Weight decay apart from the gradient (Loshchilov and Hutter 2019), scaled by the bias-corrected rate as in MXNet. */
registerUpdate('adamw_update', (attributes) => {
  const { lr, wd } = ratesOf(attributes);
  const moments = momentsOf(attributes);
  return ([weight = EMPTY, mean = EMPTY, variance = EMPTY], grad) => {
    for (let i = 0; i < grad.length; i++) {
      const w = weight[i] ?? 0;
      weight[i] = w - lr * (moments([mean, variance], i, grad[i] ?? 0) + wd * w);
    }
  };
});

const EMPTY = new Float64Array(0);

function ratesOf(attributes: Attributes): { readonly lr: number; readonly wd: number } {
  return { lr: numberOf(attributes, 'lr'), wd: numberOf(attributes, 'wd') };
}

/** Adam's step of element `i` for gradient `g`: updates both moments (Kingma and Ba 2015, with MXNet's place of epsilon). */
function momentsOf(
  attributes: Attributes,
): (moments: readonly [Float64Array, Float64Array], i: number, g: number) => number {
  const beta1 = numberOf(attributes, 'beta1');
  const beta2 = numberOf(attributes, 'beta2');
  const epsilon = numberOf(attributes, 'epsilon');
  return ([mean, variance], i, g) => {
    const m = beta1 * (mean[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (variance[i] ?? 0) + (1 - beta2) * g * g;
    mean[i] = m;
    variance[i] = v;
    return m / (Math.sqrt(v) + epsilon);
  };
}

function registerUpdate(name: string, ruleOf: RuleOf): void {
  registerKernel(name, (inputs, attributes, outputs) => {
    const update = new Update(outputs, ruleOf(attributes), preparationOf(attributes));
    const [first, rows] = inputs;
    if (!first) throw new InvalidStateError(`${name} needs a gradient.`);
    if (rows) updateRows(update, first, rows);
    else update.range(0, numbersOf(first));
  });
}

/** Rescales and clips a gradient; a negative bound does not clip. */
function preparationOf(attributes: Attributes): (grad: Float64Array) => void {
  const scale = numberOf(attributes, 'rescale_grad');
  const bound = numberOf(attributes, 'clip_gradient');
  return (grad) => {
    for (let i = 0; i < grad.length; i++) {
      const g = scale * (grad[i] ?? 0);
      grad[i] = bound < 0 ? g : Math.min(Math.max(g, -bound), bound);
    }
  };
}

/** Runs a rule over stretches of the outputs, a cached block at a time. */
class Update {
  readonly #outputs: readonly DeviceArray[];
  readonly #rule: Rule;
  readonly #prepare: (grad: Float64Array) => void;
  readonly #blocks: readonly Float64Array[];
  readonly #grad = new Float64Array(BLOCK);

  constructor(outputs: readonly DeviceArray[], rule: Rule, prepare: (grad: Float64Array) => void) {
    this.#outputs = outputs;
    this.#rule = rule;
    this.#prepare = prepare;
    this.#blocks = outputs.map(() => new Float64Array(BLOCK));
  }

  /** Updates the elements from `offset` on by `grad`, of which there is one for each. */
  range(offset: number, grad: Numbers): void {
    for (let start = 0; start < grad.length; start += BLOCK) {
      const stop = Math.min(start + BLOCK, grad.length);
      this.#grad.set(grad.subarray(start, stop));
      this.#block(offset + start, this.#grad.subarray(0, stop - start));
    }
  }

  #block(offset: number, grad: Float64Array): void {
    this.#prepare(grad);
    const blocks = this.#blocks.map((block) => block.subarray(0, grad.length));
    this.#outputs.forEach((output, i) => {
      blocks[i]?.set(numbersOf(output).subarray(offset, offset + grad.length));
    });
    this.#rule(blocks, grad);
    this.#outputs.forEach((output, i) => {
      writeNumbers(output, offset, blocks[i] ?? EMPTY);
    });
  }
}

/** `indices` ascend and end at the first negative one. */
function updateRows(update: Update, indices: DeviceArray, rows: DeviceArray): void {
  const { elements } = indices;
  if (elements.kind !== 'bigints') throw new InvalidStateError('Row indices are int64.');
  const width = elementCount(rows.shape.slice(1));
  const grad = numbersOf(rows);
  for (let i = 0; i < elements.values.length; i++) {
    const row = Number(elements.values[i]);
    if (row < 0) return;
    update.range(row * width, grad.subarray(i * width, (i + 1) * width));
  }
}

function numbersOf({ elements, dtype }: DeviceArray): Numbers {
  if (elements.kind === 'numbers') return elements.values;
  throw new InvalidArgumentError(`Optimizers update floating-point weights, got ${dtype}.`);
}
