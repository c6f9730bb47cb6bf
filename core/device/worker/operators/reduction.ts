import { UnsupportedDTypeError } from '../../../errors.ts';
import { elementCount, type Shape, stridesOf } from '../../../ndarray/shape.ts';
import { integersOf } from '../../attributes.ts';
import type { DeviceArray } from '../device-array.ts';
import { walkPairs } from './broadcasting.ts';
import { registerKernel } from './registry.ts';
import { bigIntsOf, numbersOf, realsOf, settle } from './results.ts';

/**
 * Reductions over the axes in the attribute `axes` (ascending, from 0). Sums are taken in float64
 * whatever the dtype: TensorFlow.js would take them in float32.
 */
interface ReductionRule {
  readonly start: number;
  readonly number: (before: number, value: number) => number;
  readonly bigint: (before: bigint, value: bigint) => bigint;
  /** True where results are divided by the number of elements. */
  readonly averages?: boolean;
}

const RULES: Readonly<Record<string, ReductionRule>> = {
  sum: { start: 0, number: (a, b) => a + b, bigint: (a, b) => a + b },
  mean: { start: 0, number: (a, b) => a + b, bigint: (a, b) => a + b, averages: true },
  max: { start: -Infinity, number: Math.max, bigint: (a, b) => (a > b ? a : b) },
  min: { start: Infinity, number: Math.min, bigint: (a, b) => (a < b ? a : b) },
};

for (const [name, rule] of Object.entries(RULES)) {
  registerKernel(name, ([input], attributes, [output]) => {
    if (input && output) reduce(rule, input, { output, axes: integersOf(attributes, 'axes') });
  });
}

registerKernel('argmax', ([input], attributes, [output]) => {
  const [axis = 0] = integersOf(attributes, 'axes');
  if (input && output) argmax(input, axis, output);
});

function reduce(
  rule: ReductionRule,
  input: DeviceArray,
  { output, axes }: { readonly output: DeviceArray; readonly axes: readonly number[] },
): void {
  const kept = input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const count = input.size / Math.max(1, elementCount(kept));
  if (output.elements.kind === 'bigints') {
    reduceBigInts(rule, input, { output, kept });
  } else if (output.elements.kind === 'complex') {
    reduceComplex(rule, input, { output, kept, count });
  } else {
    const totals = reduceNumbers(rule, realsOf(input), { shape: input.shape, kept, count });
    numbersOf(output).set(totals);
    settle(output);
  }
}

function reduceNumbers(
  rule: ReductionRule,
  source: ArrayLike<number>,
  { shape, kept, count }: { readonly shape: Shape; readonly kept: Shape; readonly count: number },
): Float64Array {
  const totals = new Float64Array(elementCount(kept)).fill(rule.start);
  walkPairs(shape, [shape, kept], (_o, i, to) => {
    totals[to] = rule.number(totals[to] ?? 0, source[i] ?? 0);
  });
  return rule.averages ? totals.map((total) => total / count) : totals;
}

function reduceBigInts(
  rule: ReductionRule,
  input: DeviceArray,
  { output, kept }: { readonly output: DeviceArray; readonly kept: Shape },
): void {
  const [source, values] = [bigIntsOf(input), bigIntsOf(output)];
  const seen = new Uint8Array(values.length);
  walkPairs(input.shape, [input.shape, kept], (_o, i, to) => {
    const value = source[i] ?? 0n;
    values[to] = seen[to] === 1 ? rule.bigint(values[to] ?? 0n, value) : value;
    seen[to] = 1;
  });
}

function reduceComplex(
  rule: ReductionRule,
  input: DeviceArray,
  { output, kept, count }: { readonly output: DeviceArray; readonly kept: Shape; readonly count: number },
): void {
  const [from, to] = [input.elements, output.elements];
  if (from.kind !== 'complex' || to.kind !== 'complex' || rule.start !== 0) {
    throw new UnsupportedDTypeError(`${input.dtype} has no order: cast it first.`);
  }
  const { shape } = input;
  to.re.set(reduceNumbers(rule, from.re, { shape, kept, count }));
  to.im.set(reduceNumbers(rule, from.im, { shape, kept, count }));
}

/** The first largest; NaN counts as larger than all, as in NumPy. */
function argmax(input: DeviceArray, axis: number, output: DeviceArray): void {
  const source = realsOf(input);
  const values = numbersOf(output);
  const size = input.shape[axis] ?? 1;
  const step = stridesOf(input.shape)[axis] ?? 1;
  for (let o = 0; o < values.length; o++) {
    const start = Math.floor(o / step) * step * size + (o % step);
    let best = 0;
    for (let i = 1; i < size; i++) {
      const value = source[start + i * step] ?? 0;
      const record = source[start + best * step] ?? 0;
      if (value > record || (Number.isNaN(value) && !Number.isNaN(record))) best = i;
    }
    values[o] = best;
  }
}
