import { expect, test } from 'vitest';
import { array } from '../../../core/device/nd.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import type { Attributes } from '../../../core/device/protocol.ts';
import type { Shape } from '../../../core/ndarray/shape.ts';
import { autograd } from '../../../core/symbol/autograd.ts';
import { trainMode } from '../../../core/symbol/autograd-state.ts';
import { invokeOperator } from '../../../core/symbol/invoke.ts';
import { operatorNames, operatorOf } from '../../../core/symbol/operators/registry.ts';
import { openRuntime } from '../device/runtimes.ts';
import { numbersOf, randomArray } from './arrays.ts';

const runtime = openRuntime();

interface Case {
  readonly operator: string;
  readonly shapes: readonly Shape[];
  readonly attributes?: Attributes;
  /** Bounds of the inputs' elements. */
  readonly low?: number;
  readonly high?: number;
  /** Inputs that are indices or conditions: whole numbers, without a gradient. */
  readonly indices?: readonly number[];
}

const binary = (operator: string, bounds: Partial<Case> = {}): Case[] => [
  {
    operator,
    shapes: [
      [2, 3],
      [2, 3],
    ],
    ...bounds,
  },
  {
    operator,
    shapes: [
      [2, 1, 3],
      [4, 1],
    ],
    ...bounds,
  },
  { operator, shapes: [[], [3]], ...bounds },
  { operator, shapes: [[2, 3]], attributes: { scalar: 1.5 }, ...bounds },
  { operator, shapes: [[2, 3]], attributes: { scalar: 1.5, scalarFirst: true }, ...bounds },
];

const unary = (operator: string, bounds: Partial<Case> = {}): Case[] => [{ operator, shapes: [[2, 3]], ...bounds }];

const reduction = (operator: string): Case[] => [
  { operator, shapes: [[2, 3, 4]], attributes: { axis: null, keepDims: false } },
  { operator, shapes: [[2, 3, 4]], attributes: { axis: [1], keepDims: false } },
  { operator, shapes: [[2, 3, 4]], attributes: { axis: [-1, 0], keepDims: true } },
];

const positive = { low: 0.3, high: 2 };

const CASES: readonly Case[] = [
  ...binary('add'),
  ...binary('sub'),
  ...binary('mul'),
  ...binary('div', positive),
  ...binary('power', positive),
  ...binary('maximum'),
  ...binary('minimum'),
  ...unary('identity'),
  ...unary('neg'),
  ...unary('square'),
  ...unary('sqrt', positive),
  ...unary('exp'),
  ...unary('log', positive),
  ...unary('abs'),
  ...unary('relu'),
  ...unary('sigmoid'),
  ...unary('tanh'),
  ...unary('softrelu'),
  ...unary('softsign'),
  ...unary('cast', { attributes: { dtype: 'float64' } }),
  ...unary('copy_to', { attributes: { type: 'cpu', id: 1, fromType: 'cpu', fromId: 0 } }),
  ...unary('cast_storage', { attributes: { stype: 'default' } }),
  ...unary('clip', { attributes: { low: -0.5, high: 0.5 } }),
  ...reduction('sum'),
  ...reduction('mean'),
  ...reduction('max'),
  ...reduction('min'),
  ...unary('reshape', { attributes: { shape: [3, -1] } }),
  ...unary('expand_dims', { attributes: { axis: 1 } }),
  { operator: 'squeeze', shapes: [[2, 1, 3]], attributes: { axis: null } },
  { operator: 'flatten', shapes: [[2, 3, 2]] },
  { operator: 'transpose', shapes: [[2, 3, 4]], attributes: { axes: null } },
  { operator: 'transpose', shapes: [[2, 3, 4]], attributes: { axes: [1, 2, 0] } },
  { operator: 'broadcast_to', shapes: [[2, 1]], attributes: { shape: [3, 2, 4] } },
  { operator: 'slice', shapes: [[4, 5]], attributes: { slice: '::-2,1:4' } },
  { operator: 'slice', shapes: [[4, 5]], attributes: { slice: '-1' } },
  { operator: 'slice_backward', shapes: [[2, 3]], attributes: { slice: '::-2,1:4', shape: [4, 5] } },
  {
    operator: 'concat',
    shapes: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    attributes: { axis: -1 },
  },
  {
    operator: 'batch_matmul',
    shapes: [
      [2, 3],
      [3, 4],
    ],
  },
  {
    operator: 'batch_matmul',
    shapes: [
      [3, 2],
      [3, 4],
    ],
    attributes: { transposeA: true },
  },
  {
    operator: 'batch_matmul',
    shapes: [
      [2, 3],
      [4, 3],
    ],
    attributes: { transposeB: true },
  },
  {
    operator: 'batch_matmul',
    shapes: [
      [3, 2],
      [4, 3],
    ],
    attributes: { transposeA: true, transposeB: true },
  },
  {
    operator: 'batch_matmul',
    shapes: [
      [5, 1, 2, 3],
      [2, 3, 2],
    ],
  },
  { operator: 'matmul', shapes: [[3], [3, 2]] },
  { operator: 'matmul', shapes: [[2, 3], [3]] },
  {
    operator: 'dot',
    shapes: [
      [2, 3],
      [4, 3, 2],
    ],
  },
  { operator: 'dot', shapes: [[3], [3]] },
  { operator: 'fully_connected', shapes: [[2, 3], [4, 3], [4]] },
  {
    operator: 'fully_connected',
    shapes: [
      [2, 3, 2],
      [4, 6],
    ],
  },
  { operator: 'fully_connected', shapes: [[2, 3, 2], [4, 2], [4]], attributes: { flatten: false } },
  {
    operator: 'take',
    shapes: [
      [4, 3],
      [2, 2],
    ],
    indices: [1],
    high: 5,
  },
  { operator: 'take', shapes: [[2, 4, 3], [3]], attributes: { axis: 1 }, indices: [1], high: 5 },
  { operator: 'take_backward', shapes: [[3, 2], [3]], attributes: { axis: 0, shape: [4, 2] }, indices: [1], high: 5 },
  {
    operator: 'embedding',
    shapes: [
      [2, 3],
      [5, 2],
    ],
    indices: [0],
    high: 5,
  },
  { operator: 'pick', shapes: [[4, 3], [4]], indices: [1], high: 5 },
  { operator: 'where', shapes: [[2, 3], [3], [2, 1]], indices: [0], low: -0.99, high: 2 },
  { operator: 'softmax', shapes: [[2, 4]] },
  { operator: 'softmax', shapes: [[2, 4, 3]], attributes: { axis: 1 } },
  { operator: 'log_softmax', shapes: [[2, 4]] },
  { operator: 'convolution', shapes: [[2, 3, 5, 4], [4, 3, 3, 2], [4]], attributes: { kernel: [3, 2] } },
  {
    operator: 'convolution_unbiased',
    shapes: [
      [1, 4, 6, 7],
      [2, 2, 2, 3],
    ],
    attributes: { kernel: [2, 3], stride: [2, 1], pad: [1, 2], dilate: [2, 2], numGroup: 2 },
  },
  { operator: 'pooling', shapes: [[2, 2, 5, 4]], attributes: { kernel: [2, 3], stride: [2, 1], pad: [1, 1] } },
  { operator: 'pooling', shapes: [[1, 2, 4, 4]], attributes: { kernel: [3, 3], poolType: 'avg', pad: [1, 1] } },
  { operator: 'pooling', shapes: [[1, 2, 4, 4]], attributes: { globalPool: true, poolType: 'avg' } },
  { operator: 'batch_norm', shapes: [[3, 2, 4], [2], [2], [2], [2]], ...positive },
  { operator: 'layer_norm', shapes: [[3, 4], [4], [4]] },
  { operator: 'softmax_cross_entropy', shapes: [[3, 4], [3]], indices: [1], high: 4 },
  {
    operator: 'l2_loss',
    shapes: [
      [3, 4],
      [3, 4],
    ],
  },
];

/** Moving statistics of batch_norm are no inputs to differentiate by. */
function isVariable({ operator, indices = [] }: Case, index: number): boolean {
  return !indices.includes(index) && !(operator === 'batch_norm' && index > 2);
}

function inputsOf(testCase: Case): NDArray[] {
  const { shapes, low = -1, high = 1 } = testCase;
  return shapes.map((shape, i) => {
    const random = randomArray(runtime, shape, { seed: 17 * (i + 1), low, high });
    return isVariable(testCase, i) || testCase.operator === 'batch_norm' ? random : random.asType('int32');
  });
}

/** A fixed weighing of the result, so that no gradient is zero by symmetry. */
function weighed({ operator, attributes = {} }: Case, inputs: readonly NDArray[]): NDArray {
  const result = trainMode(() => invokeOperator(operator, inputs, attributes));
  const { shape, dtype, device } = result;
  const weights = randomArray(runtime, shape, { seed: 99, low: 0.5, high: 1.5, dtype, device });
  return result.mul(weights).sum();
}

async function numericGradient(testCase: Case, inputs: readonly NDArray[], index: number): Promise<number[]> {
  const step = 1e-5;
  const values = await numbersOf(inputs[index]!);
  const valueAt = async (position: number, delta: number): Promise<number> => {
    const moved = values.map((value, i) => (i === position ? value + delta : value));
    const replaced = array(Float64Array.from(moved), { shape: inputs[index]!.shape, runtime });
    return (await weighed(testCase, inputs.with(index, replaced)).item()) as number;
  };
  const gradients: number[] = [];
  for (let i = 0; i < values.length; i++) {
    gradients.push(((await valueAt(i, step)) - (await valueAt(i, -step))) / (2 * step));
  }
  return gradients;
}

const titles = CASES.map(
  (testCase) =>
    [
      `${testCase.operator} of ${testCase.shapes.map((shape) => `(${shape})`).join(' ')} ${JSON.stringify(testCase.attributes ?? {})}`,
      testCase,
    ] as const,
);

test.each(titles)('the gradient of %s is that of finite differences', async (_title, testCase) => {
  const inputs = inputsOf(testCase);
  const variables = inputs.filter((_, i) => isVariable(testCase, i));
  for (const variable of variables) variable.attachGrad();
  autograd.backward(autograd.record(() => weighed(testCase, inputs)));
  for (const [index, input] of inputs.entries()) {
    if (!isVariable(testCase, index)) continue;
    const exact = await numbersOf(input.grad!);
    const numeric = await numericGradient(testCase, inputs, index);
    expect(exact.length).toBe(numeric.length);
    exact.forEach((value, i) => {
      expect(Math.abs(value - numeric[i]!), `input ${index}, element ${i}`).toBeLessThan(1e-6 * (1 + Math.abs(value)));
    });
  }
});

test.each(titles)('float32 has the values and gradients of float64 to its precision: %s', async (_title, testCase) => {
  const exact = await valueAndGradients(testCase, inputsOf(testCase));
  const narrow = inputsOf(testCase).map((input) => (input.dtype === 'float64' ? input.asType('float32') : input));
  const rounded = await valueAndGradients(testCase, narrow);
  rounded.forEach((value, i) => {
    expect(Math.abs(value - exact[i]!)).toBeLessThan(2e-5 * (1 + Math.abs(exact[i]!)));
  });
});

async function valueAndGradients(testCase: Case, inputs: readonly NDArray[]): Promise<number[]> {
  const variables = inputs.filter((_, i) => isVariable(testCase, i));
  for (const variable of variables) variable.attachGrad();
  const total = autograd.record(() => weighed(testCase, inputs));
  const result = await numbersOf(total);
  autograd.backward(total);
  return [...result, ...(await Promise.all(variables.map((variable) => numbersOf(variable.grad!)))).flat()];
}

test('every operator with a gradient is in the table above', () => {
  const tested = new Set(CASES.map(({ operator }) => operator));
  const differentiable = operatorNames().filter((name) => operatorOf(name).gradient ?? operatorOf(name).compose);
  expect(differentiable.filter((name) => !tested.has(name))).toEqual([]);
});
