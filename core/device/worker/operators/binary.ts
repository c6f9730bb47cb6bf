import { UnsupportedDTypeError } from '../../../errors.ts';
import type { DType } from '../../../ndarray/dtype.ts';
import type { Shape } from '../../../ndarray/shape.ts';
import { booleanOf, scalarOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import { DeviceArray, type Numbers } from '../device-array.ts';
import { tf } from '../tensorflow.ts';
import { walkPairs } from './broadcasting.ts';
import { addComplex, type Complex, divideComplex, multiplyComplex, subtractComplex } from './complex.ts';
import { fill } from './fill.ts';
import { registerKernel } from './registry.ts';
import { bigIntsOf, numbersOf, realsOf, settle, tensorOf, writeTensor } from './results.ts';

/** A binary operator on each kind of element; what is absent has no meaning there. */
interface BinaryRule {
  readonly tensor?: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
  readonly number: (a: number, b: number) => number;
  /** On integers up to 32 bits, where `number` is not exact. */
  readonly integer?: (a: number, b: number) => number;
  readonly bigint?: (a: bigint, b: bigint) => bigint;
  readonly complex?: (a: Complex, b: Complex) => Complex;
}

const RULES: Readonly<Record<string, BinaryRule>> = {
  add: { tensor: tf.add, number: (a, b) => a + b, bigint: (a, b) => a + b, complex: addComplex },
  sub: { tensor: tf.sub, number: (a, b) => a - b, bigint: (a, b) => a - b, complex: subtractComplex },
  mul: {
    tensor: tf.mul,
    number: (a, b) => a * b,
    integer: Math.imul,
    bigint: (a, b) => a * b,
    complex: multiplyComplex,
  },
  div: { tensor: tf.div, number: (a, b) => a / b, complex: divideComplex },
  power: { tensor: tf.pow, number: (a, b) => a ** b, integer: integerPower, bigint: bigIntPower },
  maximum: { tensor: tf.maximum, number: Math.max, bigint: (a, b) => (a > b ? a : b) },
  minimum: { tensor: tf.minimum, number: Math.min, bigint: (a, b) => (a < b ? a : b) },
};

/** Results are 1 for true and 0 for false. Any comparison with NaN but `not_equal` is false. */
const COMPARISONS: Readonly<Record<string, (a: number | bigint, b: number | bigint) => boolean>> = {
  equal: (a, b) => a === b,
  not_equal: (a, b) => a !== b,
  less: (a, b) => a < b,
  less_equal: (a, b) => a <= b,
  greater: (a, b) => a > b,
  greater_equal: (a, b) => a >= b,
};

for (const [name, rule] of Object.entries(RULES)) {
  registerKernel(name, (inputs, attributes, [output]) => {
    if (output) withOperands(inputs, attributes, (a, b) => runRule(rule, [a, b], output));
  });
}

for (const [name, compare] of Object.entries(COMPARISONS)) {
  registerKernel(name, (inputs, attributes, [output]) => {
    if (output) withOperands(inputs, attributes, (a, b) => runComparison(compare, [a, b], output));
  });
}

/** Two arrays, or one and the attribute `scalar`, which comes first where `scalarFirst` says so. */
function withOperands(
  [first, second]: readonly DeviceArray[],
  attributes: Attributes,
  run: (a: DeviceArray, b: DeviceArray) => void,
): void {
  if (!first) return;
  if (second) {
    run(first, second);
    return;
  }
  const scalar = scalarArray(first.dtype, scalarOf(attributes, 'scalar'));
  try {
    if (booleanOf(attributes, 'scalarFirst', false)) run(scalar, first);
    else run(first, scalar);
  } finally {
    scalar.dispose();
  }
}

function scalarArray(dtype: DType, value: number | bigint): DeviceArray {
  const array = new DeviceArray(dtype, []);
  fill(array, value);
  return array;
}

function runRule(rule: BinaryRule, [a, b]: readonly [DeviceArray, DeviceArray], output: DeviceArray): void {
  if (a.working === 'float32' && output.working === 'float32' && rule.tensor) {
    writeTensor(output, rule.tensor(tensorOf(a), tensorOf(b)));
  } else if (output.elements.kind === 'complex') {
    runComplex(rule, [a, b], output);
  } else if (output.elements.kind === 'bigints') {
    runBigInts(rule, [a, b], output);
  } else {
    runNumbers(rule, [a, b], output);
  }
}

function runNumbers(rule: BinaryRule, [a, b]: readonly [DeviceArray, DeviceArray], output: DeviceArray): void {
  const [left, right, values] = [realsOf(a), realsOf(b), numbersOf(output)];
  const whole = output.working === 'int32' || output.working === 'uint32';
  const compute = whole ? (rule.integer ?? rule.number) : rule.number;
  walkPairs(output.shape, [a.shape, b.shape], (o, i, j) => {
    values[o] = compute(left[i] ?? 0, right[j] ?? 0);
  });
  settle(output);
}

function runBigInts(rule: BinaryRule, [a, b]: readonly [DeviceArray, DeviceArray], output: DeviceArray): void {
  const [left, right, values] = [bigIntsOf(a), bigIntsOf(b), bigIntsOf(output)];
  const compute = rule.bigint ?? unsupported(output.dtype);
  walkPairs(output.shape, [a.shape, b.shape], (o, i, j) => {
    values[o] = compute(left[i] ?? 0n, right[j] ?? 0n);
  });
}

function runComplex(rule: BinaryRule, [a, b]: readonly [DeviceArray, DeviceArray], output: DeviceArray): void {
  const compute = rule.complex ?? unsupported(output.dtype);
  const [left, right, values] = [a.elements, b.elements, output.elements];
  if (left.kind !== 'complex' || right.kind !== 'complex' || values.kind !== 'complex') unsupported(output.dtype);
  walkPairs(output.shape, [a.shape, b.shape], (o, i, j) => {
    const [re, im] = compute([left.re[i] ?? 0, left.im[i] ?? 0], [right.re[j] ?? 0, right.im[j] ?? 0]);
    values.re[o] = re;
    values.im[o] = im;
  });
}

function runComparison(
  compare: (a: number | bigint, b: number | bigint) => boolean,
  [a, b]: readonly [DeviceArray, DeviceArray],
  output: DeviceArray,
): void {
  const values = numbersOf(output);
  if (a.elements.kind === 'complex' && b.elements.kind === 'complex') {
    compareComplex(compare, [a.elements, b.elements], { values, shapes: [a.shape, b.shape], shape: output.shape });
    return;
  }
  const left = a.elements.kind === 'bigints' ? a.elements.values : realsOf(a);
  const right = b.elements.kind === 'bigints' ? b.elements.values : realsOf(b);
  walkPairs(output.shape, [a.shape, b.shape], (o, i, j) => {
    values[o] = compare(left[i] ?? 0, right[j] ?? 0) ? 1 : 0;
  });
}

type ComplexElements = Extract<DeviceArray['elements'], { kind: 'complex' }>;

/** Complex numbers have no order: only `equal` and `not_equal` come here, which look at both parts. */
function compareComplex(
  compare: (a: number, b: number) => boolean,
  [a, b]: readonly [ComplexElements, ComplexElements],
  target: { readonly values: Numbers; readonly shapes: readonly [Shape, Shape]; readonly shape: Shape },
): void {
  walkPairs(target.shape, target.shapes, (o, i, j) => {
    const differs = a.re[i] !== b.re[j] || a.im[i] !== b.im[j];
    target.values[o] = compare(differs ? 1 : 0, 0) ? 1 : 0;
  });
}

/** Exact modulo 2^32, where a float64 power would lose the low bits; negative exponents truncate. */
function integerPower(base: number, exponent: number): number {
  if (exponent < 0) return Math.trunc(base ** exponent);
  let result = 1;
  for (let factor = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, factor);
    factor = Math.imul(factor, factor);
  }
  return result;
}

function bigIntPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return BigInt(Math.trunc(Number(base) ** Number(exponent)));
  let result = 1n;
  for (let factor = base, rest = exponent; rest > 0n; rest /= 2n) {
    if (rest % 2n === 1n) result = BigInt.asUintN(64, result * factor);
    factor = BigInt.asUintN(64, factor * factor);
  }
  return result;
}

function unsupported(dtype: DType): never {
  throw new UnsupportedDTypeError(`There is no kernel of this operator for ${dtype}: cast it first.`);
}
