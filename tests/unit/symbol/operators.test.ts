import { expect, test } from 'vitest';
import { array, full } from '../../../core/device/nd.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { DTypeMismatchError, InvalidArgumentError, ShapeMismatchError } from '../../../core/errors.ts';
import { type DType, dtypeInfo } from '../../../core/ndarray/dtype.ts';
import { invokeOperator } from '../../../core/symbol/invoke.ts';
import { HOLDABLE_DTYPES, openRuntime } from '../device/runtimes.ts';
import { numbersOf, randomArray } from './arrays.ts';

const runtime = openRuntime();
const make = (values: Parameters<typeof array>[0], dtype?: DType): NDArray => array(values, { runtime, dtype });

const real = HOLDABLE_DTYPES.filter(
  (dtype) => !['bool', 'float8_e8m0fnu'].includes(dtype) && dtypeInfo(dtype).kind !== 'complex',
);

/** What `expected` is in the dtype of `result`: float8_e5m2 has no 9. */
async function expectNumbers(result: NDArray, expected: number[]): Promise<void> {
  expect(await numbersOf(result)).toEqual(await numbersOf(make(expected, 'float64').asType(result.dtype)));
}

test.each(real)('%s adds, subtracts, multiplies, compares and reduces', async (dtype) => {
  const [a, b] = [make([4, 2, 8], dtype), make([2, 2, 1], dtype)];
  expect(a.add(b).dtype).toBe(dtype);
  await expectNumbers(a.add(b), [6, 4, 9]);
  await expectNumbers(a.sub(b), [2, 0, 7]);
  await expectNumbers(a.mul(b), [8, 4, 8]);
  await expectNumbers(a.mul(2), [8, 4, 16]);
  await expectNumbers(a.div(b), [2, 1, 8]);
  await expectNumbers(a.power(b), [16, 4, 8]);
  await expectNumbers(b.rsub(3), [1, 1, 2]);
  await expectNumbers(a.maximum(3), [4, 3, 8]);
  await expectNumbers(a.minimum(b), [2, 2, 1]);
  expect(await a.greater(b).array()).toEqual([true, false, true]);
  expect(await a.equal(b).array()).toEqual([false, true, false]);
  expect(await a.lessEqual(2).array()).toEqual([false, true, false]);
  await expectNumbers(a.sum(), [14]);
  await expectNumbers(a.max(), [8]);
  await expectNumbers(a.min(), [2]);
  await expectNumbers(a.argmax(), [2]);
  await expectNumbers(a.square(), [16, 4, 64]);
  await expectNumbers(a.clip(3, 5), [4, 3, 5]);
  await expectNumbers(a.matmul(b), [20]);
  await expectNumbers(a.take(make([2, 0], 'int32')), [8, 4]);
  await expectNumbers(a.concat([b]).slice('::-2'), [1, 2, 2]);
  await expectNumbers(a.greater(3).where(a, b), [4, 2, 8]);
});

test.each<DType>(['complex64', 'complex128'])(
  '%s has arithmetic, sums, means and equality, but no order',
  async (dtype) => {
    const [a, b] = [
      make(
        [
          [1, 2],
          [3, -1],
        ],
        dtype,
      ),
      make(
        [
          [2, -1],
          [0, 1],
        ],
        dtype,
      ),
    ];
    expect(await a.add(b).array()).toEqual([
      [3, 1],
      [3, 0],
    ]);
    expect(await a.mul(b).array()).toEqual([
      [4, 3],
      [1, 3],
    ]);
    expect(await a.div(b).array()).toEqual([
      [0, 1],
      [-1, -3],
    ]);
    expect(await a.neg().array()).toEqual([
      [-1, -2],
      [-3, 1],
    ]);
    expect(await a.sum().array()).toEqual([4, 1]);
    expect(await a.mean().array()).toEqual([2, 0.5]);
    expect(
      await a
        .equal(
          make(
            [
              [1, 2],
              [3, 1],
            ],
            dtype,
          ),
        )
        .array(),
    ).toEqual([true, false]);
    expect(await a.notEqual(a).array()).toEqual([false, false]);
    expect(() => a.less(b)).toThrow(DTypeMismatchError);
    expect(() => a.max()).toThrow(DTypeMismatchError);
  },
);

test('integers wrap at the ends of their dtype, as in NumPy', async () => {
  expect(await numbersOf(make([120], 'int8').add(10))).toEqual([-126]);
  expect(await numbersOf(make([250], 'uint8').add(10))).toEqual([4]);
  expect(await numbersOf(make([5], 'uint16').neg())).toEqual([65531]);
  expect(await numbersOf(make([2 ** 31 - 1], 'int32').mul(2 ** 31 - 1))).toEqual([1]);
  expect(await numbersOf(make([2 ** 32 - 1], 'uint32').mul(2 ** 32 - 1))).toEqual([1]);
  expect(
    await make([2n ** 63n - 1n], 'int64')
      .add(1)
      .array(),
  ).toEqual([-(2n ** 63n)]);
  expect(await make([3n], 'uint64').power(50).array()).toEqual([BigInt.asUintN(64, 3n ** 50n)]);
});

test('narrow floats round once to nearest even after each operator', async () => {
  expect(await numbersOf(make([1], 'float16').add(2 ** -11))).toEqual([1]);
  expect(await numbersOf(make([1], 'bfloat16').div(3))).toEqual([0.333984375]);
  expect(await numbersOf(make([60000], 'float16').mul(2))).toEqual([Number.POSITIVE_INFINITY]);
});

test('integers divide and average to float32, and have roots and exponentials there', async () => {
  const x = make([1, 4], 'int64');
  for (const result of [x.div(8), x.mean(), x.sqrt(), x.exp()]) expect(result.dtype).toBe('float32');
  expect(await numbersOf(x.div(8))).toEqual([0.125, 0.5]);
  expect(await numbersOf(x.mean())).toEqual([2.5]);
  expect(await numbersOf(x.sqrt())).toEqual([1, 2]);
});

test('a sum of a million float32 is as exact as its rounding', async () => {
  expect(await full([1_000_000], 0.1, { runtime }).sum().item()).toBe(Math.fround(Math.fround(0.1) * 1_000_000));
});

test('NaN passes through maximum, clip and relu, and equals nothing', async () => {
  const x = make([Number.NaN, 1]);
  expect(await numbersOf(x.maximum(0))).toEqual([Number.NaN, 1]);
  expect(await numbersOf(x.clip(0, 0.5))).toEqual([Number.NaN, 0.5]);
  expect(await x.equal(x).array()).toEqual([false, true]);
  expect(await numbersOf(x.argmax())).toEqual([0]);
});

test('layout operators keep the bits of every dtype', async () => {
  for (const dtype of HOLDABLE_DTYPES) {
    const bytes = Uint8Array.from({ length: 6 * (dtypeInfo(dtype).bits / 8) }, (_, i) =>
      dtype === 'bool' ? i % 2 : (i * 37) % 256,
    );
    const x = runtime.fromBytes({ shape: [2, 3], dtype, bytes });
    const there = x.transpose().expandDims(0).squeeze().flatten().broadcastTo([2, 3, 2]).slice('-1');
    expect(await there.transpose().bytes(), dtype).toEqual(bytes);
  }
});

test('values of layers are those of their formulas', async () => {
  const x = make([
    [1, 2],
    [3, 4],
  ]);
  expect(
    await invokeOperator('fully_connected', [
      x,
      make([
        [1, -1],
        [0, 2],
        [1, 1],
      ]),
      make([0, 1, 0]),
    ]).array(),
  ).toEqual([
    [-1, 5, 3],
    [-1, 9, 7],
  ]);
  expect((await numbersOf(x.softmax())).map((value) => value.toFixed(4))).toEqual([
    '0.2689',
    '0.7311',
    '0.2689',
    '0.7311',
  ]);
  expect(await numbersOf(make([1000, 1000]).logSoftmax())).toEqual([Math.fround(-Math.LN2), Math.fround(-Math.LN2)]);
  expect(await invokeOperator('embedding', [make([1, 0, 5], 'int32'), x]).array()).toEqual([
    [3, 4],
    [1, 2],
    [3, 4],
  ]);
  expect(await x.pick(make([1, 0])).array()).toEqual([2, 3]);
  expect(await make([1, 3, -1], 'int32').oneHot(3).array()).toEqual([
    [0, 1, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(await invokeOperator('l2_loss', [x, x.sub(2)]).array()).toEqual([2, 2]);
});

test('a convolution is the sum of products under each window', async () => {
  const [data, weight] = [randomArray(runtime, [2, 4, 6, 5]), randomArray(runtime, [6, 2, 3, 2], { seed: 5 })];
  const attributes = { kernel: [3, 2], stride: [2, 1], pad: [1, 2], dilate: [1, 2], numGroup: 2 };
  const result = invokeOperator('convolution', [data, weight], attributes);
  const [x, w] = [await numbersOf(data), await numbersOf(weight)];
  const [rows, columns] = result.shape.slice(2) as [number, number];
  const expected: number[] = [];
  for (let n = 0; n < 2; n++) {
    for (let f = 0; f < 6; f++) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          let sum = 0;
          for (let channel = 0; channel < 2; channel++) {
            for (let i = 0; i < 3; i++) {
              for (let j = 0; j < 2; j++) {
                const [y, z] = [r * 2 + i - 1, c + j * 2 - 2];
                if (y < 0 || y >= 6 || z < 0 || z >= 5) continue;
                const from = Math.floor(f / 3) * 2 + channel;
                sum += x[((n * 4 + from) * 6 + y) * 5 + z]! * w[((f * 2 + channel) * 3 + i) * 2 + j]!;
              }
            }
          }
          expected.push(sum);
        }
      }
    }
  }
  for (const [i, value] of (await numbersOf(result)).entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  const single = invokeOperator('convolution', [data.asType('float32'), weight.asType('float32')], attributes);
  for (const [i, value] of (await numbersOf(single)).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
});

test('batch norm uses the batch and moves its statistics while training, the moving ones otherwise', async () => {
  const { autograd } = await import('../../../core/symbol/autograd.ts');
  const x = make([[1], [3]]);
  const [one, zero] = [make([1]), make([0])];
  const [mean, variance] = [make([10]), make([4])];
  const attributes = { momentum: 0.5, epsilon: 0 };
  const inputs = [x, one, zero, mean, variance];
  expect(await autograd.trainMode(() => invokeOperator('batch_norm', inputs, attributes)).array()).toEqual([[-1], [1]]);
  expect(await numbersOf(mean)).toEqual([6]);
  expect(await numbersOf(variance)).toEqual([2.5]);
  const still = await numbersOf(invokeOperator('batch_norm', inputs, attributes));
  expect(still.map((value) => value.toFixed(5))).toEqual([
    (-5 / Math.sqrt(2.5)).toFixed(5),
    (-3 / Math.sqrt(2.5)).toFixed(5),
  ]);
  expect(await numbersOf(mean)).toEqual([6]);
});

test.each<[string, () => unknown, typeof InvalidArgumentError, string]>([
  [
    'shapes',
    () => make([1, 2]).add(make([1, 2, 3])),
    ShapeMismatchError,
    'add of shapes (2,), (3,): sizes 2 and 3 do not broadcast.',
  ],
  [
    'dtypes',
    () => make([1]).add(make([1], 'float64')),
    DTypeMismatchError,
    'add of float32, float64: float32 and float64 differ',
  ],
  ['bool', () => make([true]).add(make([true])), DTypeMismatchError, 'bool has no arithmetic'],
  ['fractions', () => make([1], 'int32').mul(0.5), DTypeMismatchError, '0.5 is no number that int32 has'],
  ['range', () => make([1], 'int8').add(300), DTypeMismatchError, '300'],
  ['axes', () => make([1]).sum({ axis: 1 }), ShapeMismatchError, 'sum of shapes (1,): there is no axis 1'],
  ['axes twice', () => make([[1]]).sum({ axis: [0, -2] }), ShapeMismatchError, 'twice'],
  ['matrices', () => make([[1, 2]]).matmul(make([[1, 2]])), ShapeMismatchError, 'sizes 2 and 1 differ'],
  ['reshape', () => make([1, 2, 3]).reshape([2, -1]), ShapeMismatchError, '3 elements do not fill (2, -1)'],
  ['squeeze', () => make([1, 2]).squeeze(0), ShapeMismatchError, 'axis 0 has size 2'],
  ['transpose', () => make([[1]]).transpose([0, 0]), ShapeMismatchError, 'twice in 0, 0'],
  ['no elements', () => make([]).max(), ShapeMismatchError, 'no elements'],
  ['slices', () => make([1]).slice('5'), InvalidArgumentError, 'out of bounds'],
  ['layers of integers', () => make([1], 'int32').softmax(), DTypeMismatchError, 'int32 is no floating point dtype'],
  ['operators', () => invokeOperator('no_such', [make([1])]), InvalidArgumentError, 'no_such'],
  ['counts', () => invokeOperator('neg', []), InvalidArgumentError, 'neg takes data, got 0 arrays'],
  [
    'windows',
    () => invokeOperator('pooling', [make([[[[1]]]])], { kernel: [2, 2] }),
    ShapeMismatchError,
    'does not fit',
  ],
])('wrong %s are refused at the call, by name', (_what, call, error, message) => {
  expect(call).toThrow(error);
  expect(call).toThrow(message);
});
