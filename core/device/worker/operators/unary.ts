import { numberOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import type { DeviceArray } from '../device-array.ts';
import { tf } from '../tensorflow.ts';
import { fill } from './fill.ts';
import { registerKernel } from './registry.ts';
import { bigIntsOf, numbersOf, realsOf, settle, tensorOf, writeTensor } from './results.ts';

/** A function of one element on each kind of it; what is absent has no meaning there. */
interface UnaryRule {
  readonly tensor?: (x: tf.Tensor) => tf.Tensor;
  readonly number: (x: number) => number;
  /** On integers up to 32 bits, where `number` is not exact. */
  readonly integer?: (x: number) => number;
  readonly bigint?: (x: bigint) => bigint;
  /** On one part of a complex number, where the function acts on each by itself. */
  readonly part?: (x: number) => number;
}

const RULES: Readonly<Record<string, UnaryRule>> = {
  identity: { number: (x) => x, bigint: (x) => x, part: (x) => x },
  neg: { tensor: tf.neg, number: (x) => -x, bigint: (x) => -x, part: (x) => -x },
  square: { tensor: tf.square, number: (x) => x * x, integer: (x) => Math.imul(x, x), bigint: (x) => x * x },
  sqrt: { tensor: tf.sqrt, number: Math.sqrt },
  exp: { tensor: tf.exp, number: Math.exp },
  log: { tensor: tf.log, number: Math.log },
  abs: { tensor: tf.abs, number: Math.abs, bigint: (x) => (x < 0n ? -x : x) },
  sign: { number: Math.sign, bigint: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) },
  relu: { tensor: tf.relu, number: (x) => Math.max(x, 0), bigint: (x) => (x > 0n ? x : 0n) },
  sigmoid: { tensor: tf.sigmoid, number: sigmoid },
  tanh: { tensor: tf.tanh, number: Math.tanh },
  softrelu: { number: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
  softsign: { number: (x) => x / (1 + Math.abs(x)) },
};

for (const [name, rule] of Object.entries(RULES)) {
  registerKernel(name, ([input], _attributes, [output]) => {
    if (input && output) runRule(rule, input, output);
  });
}

registerKernel('clip', ([input], attributes, [output]) => {
  if (input && output) runRule(clipRule(attributes), input, output);
});

registerKernel('ones_like', (_inputs, _attributes, [output]) => {
  if (output) fill(output, 1);
});

registerKernel('zeros_like', () => {
  // New arrays are zeros.
});

function runRule(rule: UnaryRule, input: DeviceArray, output: DeviceArray): void {
  const { elements } = output;
  if (elements.kind === 'complex' && input.elements.kind === 'complex' && rule.part) {
    elements.re.set(input.elements.re.map(rule.part));
    elements.im.set(input.elements.im.map(rule.part));
  } else if (elements.kind === 'bigints' && rule.bigint) {
    const [source, values] = [bigIntsOf(input), bigIntsOf(output)];
    for (let i = 0; i < source.length; i++) values[i] = rule.bigint(source[i] ?? 0n);
  } else if (input.working === 'float32' && output.working === 'float32' && rule.tensor) {
    writeTensor(output, rule.tensor(tensorOf(input)));
  } else {
    runNumbers(rule, input, output);
  }
}

function runNumbers(rule: UnaryRule, input: DeviceArray, output: DeviceArray): void {
  const [source, values] = [realsOf(input), numbersOf(output)];
  const whole = output.working === 'int32' || output.working === 'uint32';
  const compute = whole ? (rule.integer ?? rule.number) : rule.number;
  for (let i = 0; i < source.length; i++) values[i] = compute(source[i] ?? 0);
  settle(output);
}

/** NaN stays NaN. */
function clipRule(attributes: Attributes): UnaryRule {
  const low = numberOf(attributes, 'low');
  const high = numberOf(attributes, 'high');
  return {
    number: (x) => Math.min(Math.max(x, low), high),
    bigint: (x) => (x < low ? BigInt(Math.ceil(low)) : x > high ? BigInt(Math.floor(high)) : x),
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
