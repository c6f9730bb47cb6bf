import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFor, type DType, dtypeInfo, ELEMENT_DTYPES } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { TensorStats } from '../../../core/stats/engine.ts';
import { STATS_PIECE_ELEMENTS } from '../../../core/stats/pieces.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { decodeAll, numpyHistogram } from './model.ts';
import { close, expectHistogram, expectModel } from './plain-stats.ts';
import { scratchEngine } from './scratch-engine.ts';
import { base64, bytesOf, random, weights } from './support.ts';

const { scratch, engine } = scratchEngine(2);

const REAL = ELEMENT_DTYPES.filter((dtype) => dtypeInfo(dtype).kind !== 'complex');

/** Random bytes, with float64 kept to exponents whose squares stay in range. */
function tame(dtype: DType, bytes: Uint8Array): Uint8Array {
  if (dtype !== 'float64') return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 6; at < bytes.length; at += 8) {
    const top = view.getUint16(at, true);
    const special = (top & 0x7ff0) === 0x7ff0;
    if (!special) view.setUint16(at, (top & 0x800f) | (0x3a00 + (top & 0x0ff0) / 2), true);
  }
  return bytes;
}

describe('stats of random bit patterns', () => {
  for (const dtype of REAL) {
    it(`of ${dtype} agree with plain float64 arithmetic`, async () => {
      const sizes = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(4096, 4099, 9000));
      await fc.assert(
        fc.asyncProperty(sizes, fc.nat(), fc.integer({ min: 1, max: 100 }), async (count, seed, bins) => {
          const next = random(seed);
          const bytes = Uint8Array.from({ length: bytesFor(dtype, count) }, () => Math.floor(next() * 256));
          const tensor = scratch.tensor(dtype, [count], tame(dtype, bytes));
          expectModel(await engine.stats(tensor, { bins }), decodeAll(dtype, bytes, count), bins);
        }),
        { numRuns: 12 },
      );
    });
  }

  it('count zeros, NaNs and infinities of complex values and nothing else', async () => {
    const nan = Number.NaN;
    const inf = Number.POSITIVE_INFINITY;
    const parts = [0, -0, 0, 1, nan, 0, 1, nan, inf, 0, 0, -inf, 2, 3, nan, inf];
    const counts = { count: 8, zeros: 1, nans: 3, infs: 3, sparsity: 1 / 8 };
    const unordered = { negatives: null, distinct: null, quantiles: null, l1: null };
    const nothing = { ...unordered, min: null, max: null, mean: null, std: null, l2: null, histogram: null };
    for (const array of [Float32Array.from(parts), Float64Array.from(parts)]) {
      const dtype = array instanceof Float32Array ? 'complex64' : 'complex128';
      expect(await engine.stats(scratch.tensor(dtype, [2, 4], bytesOf(array)))).toEqual({ ...counts, ...nothing });
    }
  });
});

describe('stats of difficult values', () => {
  const float64 = (values: readonly number[]): LazyTensor =>
    scratch.tensor('float64', [values.length], bytesOf(Float64Array.from(values)));
  const float32 = (values: readonly number[]): LazyTensor =>
    scratch.tensor('float32', [values.length], bytesOf(Float32Array.from(values)));

  it('keep a small mean beside huge values that cancel, in any order', async () => {
    const max = Number.MAX_VALUE;
    const wild = [max, max, max, 0.1, -max, -max, 0.2, -max, 0.3, 0.4];
    const stats = await engine.stats(float64(wild));
    expect(stats.mean).toBeCloseTo(0.1, 15);
    expect(stats).toMatchObject({ min: -max, max, std: Number.POSITIVE_INFINITY, l2: Number.POSITIVE_INFINITY });
    expect(stats.histogram?.counts.reduce((sum, n) => sum + n, 0)).toBe(10);
    const large = new Array<number>(9000).fill(0.5).flatMap((x, k) => (k % 900 === 0 ? [3e38, x, -3e38] : [x]));
    expect((await engine.stats(float32(large))).mean).toBeCloseTo(4500 / large.length, 12);
  });

  it('keep the mean of 64-bit integers at the ends of their range, which cancel', async () => {
    const values = BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n);
    expect(await engine.stats(scratch.tensor('int64', [4], bytesOf(values)))).toMatchObject({ mean: -0.25 });
  });

  it('keep a small spread around a large mean', async () => {
    const next = random(3);
    const values = Array.from({ length: 20_000 }, () => 1e8 + next());
    expectModel(await engine.stats(float64(values)), values, 64);
  });

  it('of nothing, of NaN alone and of infinities alone have no range', async () => {
    for (const values of [[], [Number.NaN, Number.NaN], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]]) {
      expectModel(await engine.stats(float32(values)), values, 64);
    }
    const empty = scratch.tensor('bfloat16', [3, 0, 2], new Uint8Array(0));
    expectModel(await engine.stats(empty), [], 64);
  });

  it('of a constant spread the bins half a unit to either side', async () => {
    const { histogram, std } = await engine.stats(float32(new Array(5000).fill(2)), { bins: 4 });
    expect(std).toBe(0);
    expect(histogram).toEqual({ edges: [1.5, 1.75, 2, 2.25, 2.5], counts: [0, 0, 5000, 0] });
  });

  it('of a huge constant still have a histogram', async () => {
    for (const value of [1e17, -(2 ** 62), Number.MAX_VALUE, -Number.MAX_VALUE]) {
      const { histogram } = await engine.stats(float64([value, value, value]));
      expectHistogram(histogram, [value, value, value], 64);
    }
  });

  it('of a scalar are the scalar', async () => {
    const stats = await engine.stats(scratch.tensor('float32', [], bytesOf(Float32Array.of(-3))));
    expect(stats).toMatchObject({ count: 1, min: -3, max: -3, mean: -3, std: 0, l2: 3 });
  });

  it('put values that lie on edges where NumPy puts them', async () => {
    for (const [low, high, bins] of [
      [0, 1, 10],
      [-1, 1, 64],
      [1e15, 1e15 + 8, 64],
      [0, 5e-324, 7],
      [-3, 0.7, 33],
    ] as const) {
      const edges = Array.from({ length: 5000 }, (_, k) => low + ((high - low) / bins) * (k % (bins + 1)));
      const values = edges.map((x) => Math.min(high, Math.max(low, x)));
      values.push(low, high);
      const { histogram } = await engine.stats(float64(values), { bins });
      expect(histogram).toEqual(numpyHistogram(values, bins));
    }
  });

  it('put float32 values on, just below and just above edges where NumPy puts them, among NaNs and infinities', async () => {
    const bits = new Int32Array(1);
    const value = new Float32Array(bits.buffer);
    const step = (x: number, by: number): number => {
      value[0] = x;
      bits[0]! += by;
      return value[0]!;
    };
    for (const [low, high, bins] of [
      [-1, 1, 64],
      [-0.0831, 0.0917, 64],
      [0, 3, 7],
      [1000, 1000.0625, 64],
      [-3e38, 3e38, 33],
    ] as const) {
      const [first, last] = [Math.fround(low), Math.fround(high)];
      const finite = [first, last];
      for (let k = 0; k < 20_000; k++) {
        const edge = Math.fround(first + ((last - first) / bins) * (k % (bins + 1)));
        finite.push(Math.min(last, Math.max(first, step(edge, (k % 5) - 2))));
      }
      const values = finite.flatMap((x, k) => (k % 997 === 0 ? [x, Number.NaN, Number.NEGATIVE_INFINITY] : [x]));
      const { histogram } = await engine.stats(
        scratch.tensor('float32', [values.length], bytesOf(Float32Array.from(values))),
        { bins },
      );
      expect(histogram).toEqual(numpyHistogram(finite, bins));
    }
  });

  it('follow the edits', async () => {
    const values = weights(3000, 5);
    const scaled = scratch.tensor('float32', [3000], bytesOf(values), [
      { kind: 'scale', factor: -2 },
      { kind: 'cast', dtype: 'float64' },
      { kind: 'set', ranges: [{ start: 10, count: 1, step: 1 }], data: base64(Float64Array.of(Number.NaN)) },
    ]);
    const expected = Array.from(values, (x, k) => (k === 10 ? Number.NaN : Math.fround(x * -2)));
    expectModel(await engine.stats(scaled), expected, 64);
  });
});

describe('stats of several pieces', () => {
  const COUNT = STATS_PIECE_ELEMENTS * 2 + 12_345;

  async function onThreads(threads: number, tensor: LazyTensor): Promise<TensorStats> {
    const other = createTensorEngine({ threads });
    try {
      return await other.stats(tensor);
    } finally {
      await other.close();
    }
  }

  it('do not depend on the number of threads, bit for bit', async () => {
    const values = weights(COUNT, 11);
    values[COUNT - 5] = Number.NaN;
    values[77] = 1e30;
    const tensor = scratch.tensor('float32', [COUNT], bytesOf(values));
    const single = await onThreads(1, tensor);
    expect(await onThreads(3, tensor)).toEqual(single);
    expect(single).toMatchObject({ count: COUNT, nans: 1, max: Math.fround(1e30) });
    expect(single.histogram?.counts.reduce((sum, n) => sum + n, 0)).toBe(COUNT - 1);
  });

  it('of a narrow dtype are those of the same values in a wide one', async () => {
    const next = random(2);
    const count = 2 ** 23 + 100_003;
    const bytes = Uint8Array.from({ length: count }, () => Math.floor(next() * 256));
    const narrow = scratch.tensor('int8', [count], bytes);
    const [a, b] = [
      await engine.stats(narrow),
      await engine.stats({ ...narrow, steps: [{ kind: 'cast', dtype: 'int32' }] }),
    ];
    const rounded = { mean: 0, std: 0, l1: 0, l2: 0, distinct: 256, quantiles: [] };
    expect({ ...b, ...rounded }).toEqual({ ...a, ...rounded });
    for (const key of ['mean', 'std', 'l1', 'l2'] as const) expect(close(b[key], a[key]!, 1e-3)).toBe(true);
  });

  it('report progress that rises to the size of the tensor', async () => {
    const tensor = scratch.tensor('float32', [COUNT], bytesOf(weights(COUNT, 1)));
    const seen: number[] = [];
    await engine.stats(tensor, { onProgress: (bytes) => seen.push(bytes) });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(tensor.region.nbytes);
  });
});
