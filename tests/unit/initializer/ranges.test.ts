import { describe, expect, test } from 'vitest';
import { setSeed } from '../../../core/initializer/index.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import { DrawnValue } from '../../../core/parameter/drawn-value.ts';
import { drawOn } from '../../../core/workspace/derive/draw.ts';
import { openRuntime } from '../device/runtimes.ts';

const runtime = openRuntime();
const DTYPES: readonly DType[] = ['float64', 'float32', 'float16', 'bfloat16', 'float8_e4m3fn'];
const SPECS = [
  '["uniform", {"scale": 0.3}]',
  '["normal", {"sigma": 2}]',
  '["xavier", {"magnitude": 2}]',
  '["xavier", {"rnd_type": "gaussian", "factor_type": "in"}]',
  '["msraprelu", {}]',
  '["one", {}]',
  '["constant", {"value": 0.25}]',
];

/** More than one block of the kernels, and no multiple of four. */
const SHAPE = [3, 17, 1061];
const COUNT = 3 * 17 * 1061;

async function whole(spec: string, dtype: DType): Promise<Buffer> {
  setSeed(7);
  const array = new DrawnValue(spec).draw('w', { runtime, shape: SHAPE, dtype });
  return Buffer.from(await array.bytes());
}

describe.each(DTYPES)('%s', (dtype) => {
  test.each(SPECS)('a range of %s is that range of the whole, bit for bit', async (spec) => {
    const all = await whole(spec, dtype);
    const itemsize = all.length / COUNT;
    const drawn = new DrawnValue(spec);
    for (const [start, count] of [
      [0, 7],
      [4, 1],
      [16_380, 9],
      [20_000, COUNT - 20_000],
      [COUNT - 3, 3],
    ] as const) {
      setSeed(7);
      const range = { start: start - (start % 4), count: count + (start % 4) };
      const part = drawn.drawRange('w', { runtime, shape: SHAPE, dtype, range });
      const expected = all.subarray(range.start * itemsize, (range.start + range.count) * itemsize);
      expect(part && Buffer.from(await part.bytes()).equals(expected)).toBe(true);
    }
  });
});

test('elements that depend on one another cannot be had apart', () => {
  const range = { start: 0, count: 4 };
  for (const spec of ['["orthogonal", {}]', '["bilinear", {}]', '["constant", {"value": [1, 2, 3, 4]}]']) {
    expect(new DrawnValue(spec).drawRange('w', { runtime, shape: [1, 1, 4, 4], dtype: 'float32', range })).toBeNull();
  }
});

test('a range begins where a counter of the generator does', async () => {
  const part = new DrawnValue('uniform').drawRange('w', {
    runtime,
    shape: [8],
    dtype: 'float32',
    range: { start: 2, count: 4 },
  });
  await expect(part?.bytes()).rejects.toThrow(/multiple of 4/);
});

test('what initializers refuse of the whole they refuse of a range', () => {
  const range = { start: 0, count: 4 };
  const draw = (dtype: DType, shape: readonly number[]) => () =>
    new DrawnValue('xavier').drawRange('w', { runtime, shape, dtype, range });
  expect(draw('float32', [8])).toThrow(/cannot be applied to vector w/);
  expect(draw('int32', [2, 4])).toThrow(/whose dtype is int32/);
});

test('a tensor far beyond what an array can hold is drawn piece by piece', async () => {
  const spec = { initializer: 'normal', name: 'w', seed: 3, dtype: 'float32', shape: [2 ** 20, 5000] } as const;
  const pieces = drawOn(runtime)(spec);
  const taken: number[] = [];
  for await (const piece of pieces) {
    taken.push(piece.length);
    if (taken.length === 3) break;
  }
  expect(taken).toEqual([8 * 2 ** 20, 8 * 2 ** 20, 8 * 2 ** 20]);
  await expect(runtime.waitAll()).resolves.toBeUndefined();
});
