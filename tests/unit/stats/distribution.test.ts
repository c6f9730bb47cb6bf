import { describe, expect, it } from 'vitest';
import { DTYPES, type DType, dtypeInfo } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { DEFAULT_QUANTILES, type HistogramRequest } from '../../../core/stats/engine.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { decodeAll, toNumber } from './model.ts';
import { scratchEngine } from './scratch-engine.ts';
import { bytesOf, random, weights } from './support.ts';

const { scratch, engine } = scratchEngine(2);

/** numpy.quantile's `linear` method, over sorted values. */
function quantile(sorted: readonly number[], q: number): number {
  const index = q * (sorted.length - 1);
  const lower = Math.floor(index);
  const [a, b] = [sorted[lower]!, sorted[Math.min(lower + 1, sorted.length - 1)]!];
  const weight = index - lower;
  return weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight);
}

/** Every pattern of a byte. */
const BYTES = Uint8Array.from({ length: 256 }, (_, code) => code);

const WILD = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -3e-41, 3e38, 1, 1, -1];

function arrays(count: number): readonly (readonly [dtype: DType, bytes: Uint8Array])[] {
  const next = random(count);
  const floats = [...weights(count, count), ...WILD];
  const bits = (bytes: number) => Uint8Array.from({ length: bytes * floats.length }, () => Math.floor(next() * 256));
  const doubles = floats.map((x, k) => (k % 50 === 0 ? x * 1e300 : k % 51 === 0 ? x * 1e-300 : x));
  return [
    ['float32', bytesOf(Float32Array.from(floats))],
    ['float64', bytesOf(Float64Array.from(doubles))],
    ['int64', bits(8)],
    ['uint32', bits(4)],
    ['int16', bits(2)],
    ['float16', bits(2)],
    ['bfloat16', bits(2)],
    ['float8_e4m3fn', bits(1)],
    ['bool', bits(1)],
  ];
}

function cases(count: number): { tensor: LazyTensor; values: number[]; name: string }[] {
  return arrays(count).map(([dtype, bytes]) => {
    const shape = [count + WILD.length];
    const values = decodeAll(dtype, bytes, count + WILD.length).map(toNumber);
    return { tensor: scratch.tensor(dtype, shape, bytes), values, name: dtype };
  });
}

const finiteOf = (values: readonly number[]) => values.filter((x) => Number.isFinite(x)).sort((a, b) => a - b);

const NARROW = DTYPES.filter((dtype) => dtypeInfo(dtype).bits <= 16 && dtypeInfo(dtype).kind !== 'quantized');

describe('all codes of', () => {
  for (const dtype of NARROW) {
    it(`${dtype} are put in the order of their values`, async () => {
      const { bits } = dtypeInfo(dtype);
      const bytes =
        bits === 16
          ? bytesOf(Uint16Array.from({ length: 65_536 }, (_, code) => code))
          : BYTES.subarray(0, 256 - (256 % bits));
      const count = (bytes.length * 8) / bits;
      const values = decodeAll(dtype, bytes, count).map(toNumber);
      const finite = finiteOf(values);
      const qs = Array.from({ length: 32 }, (_, k) => k / 31);
      const stats = await engine.stats(scratch.tensor(dtype, [count], bytes), { quantiles: qs });
      expect(stats.quantiles?.map(({ value }) => value)).toEqual(qs.map((q) => quantile(finite, q) + 0));
      expect(stats.distinct).toBe(new Set(values).size);
    });
  }
});

describe('statistics', () => {
  for (const { tensor, values, name } of cases(3000)) {
    it(`of ${name} have l1, negatives, distinct values, sparsity and quantiles`, async () => {
      const stats = await engine.stats(tensor);
      const finite = finiteOf(values);
      const l1 = finite.reduce((sum, x) => sum + Math.abs(x), 0);
      expect(Math.abs((stats.l1 ?? 0) - l1)).toBeLessThanOrEqual(1e-11 * l1);
      expect(stats.negatives).toBe(values.filter((x) => x < 0).length);
      expect(stats.sparsity).toBe(values.filter((x) => x === 0).length / values.length);
      const narrow = !['float32', 'float64', 'int64', 'uint32'].includes(name);
      expect(stats.distinct).toBe(narrow ? new Set(values).size : null);
      expect(stats.quantiles?.map(({ q }) => q)).toEqual(DEFAULT_QUANTILES);
      for (const { q, value, low, high } of stats.quantiles ?? []) {
        const truth = quantile(finite, q);
        expect([q, low <= truth, truth <= high, low <= value, value <= high]).toEqual([q, true, true, true, true]);
        if (narrow) expect(value).toBe(truth + 0);
        else if (name === 'float32') expect(high - low).toBeLessThanOrEqual(Math.max(Math.abs(truth), 2 ** -126) / 64);
      }
    });

    it(`of ${name} have exact quantiles on demand`, async () => {
      const qs = [0, 0.001, 0.3, 0.5, 0.77, 0.999, 1];
      const exact = await engine.quantiles(tensor, qs, { exact: true });
      const finite = finiteOf(values);
      expect(exact?.map(({ value }) => value)).toEqual(qs.map((q) => quantile(finite, q) + 0));
    });
  }
});

describe('a histogram', () => {
  const requests: readonly HistogramRequest[] = [
    { scale: 'linear', range: 'full' },
    { scale: 'linear', range: 'robust', bins: 33 },
    { scale: 'linear', range: [-0.01, 0.02], bins: 400 },
    { scale: 'log', range: 'full' },
    { scale: 'log', range: 'robust', bins: 10 },
    { scale: 'log', range: [1e-3, 1], bins: 7 },
    { scale: 'symlog', range: 'full', bins: 51 },
    { scale: 'symlog', range: [-1, 1], linearThreshold: 0.01 },
  ];
  for (const { tensor, values, name } of cases(2500)) {
    it(`of ${name} puts every value in the bin of its edges, or says where it went`, async () => {
      for (const request of requests) {
        const found = await engine.histogram(tensor, request);
        const { edges, counts } = found;
        const log = request.scale === 'log';
        const shown = values.filter((x) => Number.isFinite(x) && (!log || x > 0));
        const [low, high] = [edges[0]!, edges.at(-1)!];
        const expected = counts.map((_, k) => {
          const last = k === counts.length - 1;
          return shown.filter((x) => x >= edges[k]! && (x < edges[k + 1]! || (last && x === high))).length;
        });
        expect({ request, counts }).toEqual({ request, counts: expected });
        expect(counts).toHaveLength(request.bins ?? 64);
        expect(edges.every((edge, k) => k === 0 || edge >= edges[k - 1]!)).toBe(true);
        expect(found).toMatchObject({
          below: shown.filter((x) => x < low).length,
          above: shown.filter((x) => x > high).length,
          zeros: log ? values.filter((x) => x === 0).length : 0,
          negatives: log ? values.filter((x) => x < 0 && Number.isFinite(x)).length : 0,
          nans: values.filter((x) => Number.isNaN(x)).length,
          infs: values.filter((x) => Math.abs(x) === Number.POSITIVE_INFINITY).length,
        });
        if (request.range === 'full') expect([found.below, found.above]).toEqual([0, 0]);
      }
    });
  }
});

describe('difficult tensors', () => {
  const float32 = (values: readonly number[]) =>
    scratch.tensor('float32', [values.length], bytesOf(Float32Array.from(values)));
  const tiny = [1e-45, 3e-45, -1e-45, 4e-42];
  const inf = Number.POSITIVE_INFINITY;
  const difficult: Record<string, readonly number[]> = {
    'NaN only': [Number.NaN, Number.NaN],
    'infinities only': [inf, -inf, inf],
    'zeros only': [0, -0, 0],
    constant: [7.5, 7.5, 7.5],
    'nothing at all': [],
    'one element': [-3],
    'denormals only': tiny,
  };
  for (const [what, values] of Object.entries(difficult)) {
    it(`of ${what} have numbers for all there is, and none for what there is not`, async () => {
      const tensor = float32(values);
      const finite = finiteOf(values);
      const stats = await engine.stats(tensor);
      expect(stats.l1).toBe(finite.reduce((sum, x) => sum + Math.abs(Math.fround(x)), 0));
      expect(stats.sparsity).toBe(values.length ? values.filter((x) => x === 0).length / values.length : null);
      const exact = await engine.quantiles(tensor, [0.5], { exact: true });
      if (finite.length === 0) expect([stats.quantiles, exact]).toEqual([null, null]);
      else expect(exact?.[0]?.value).toBe(quantile(finite.map(Math.fround), 0.5) + 0);
      for (const scale of ['linear', 'log', 'symlog'] as const) {
        for (const range of ['full', 'robust'] as const) {
          const found = await engine.histogram(tensor, { scale, range });
          const { counts, below, above, zeros, negatives, nans, infs } = found;
          const all = counts.reduce((sum, n) => sum + n, 0) + below + above + zeros + negatives + nans + infs;
          expect([scale, range, all]).toEqual([scale, range, values.length]);
          expect(found.edges.every(Number.isFinite)).toBe(true);
        }
      }
    });
  }
});

describe('looking again', () => {
  it('at a narrow tensor reads nothing; at a wide one where it must, and says so', async () => {
    const count = 300_000;
    const halves = scratch.tensor(
      'bfloat16',
      [count],
      bytesOf(new Uint16Array(weights(count, 4).buffer)).subarray(0, 2 * count),
    );
    await engine.stats(halves);
    const request = { scale: 'linear', range: 'robust' } as const;
    expect((await engine.histogram(halves, request)).reread).toBe(false);
    const whole = scratch.tensor('float32', [count], bytesOf(Float32Array.from({ length: count }, (_, k) => k % 3)));
    expect((await engine.histogram(whole, { ...request, bins: 3 })).reread).toBe(false);
    const wide = scratch.tensor('float32', [count], bytesOf(weights(count, 4)));
    expect((await engine.histogram(wide, request)).reread).toBe(true);
  });
});

describe('a tensor of several pieces', () => {
  it('gives the same numbers on one thread and on three, bit for bit', async () => {
    const count = 17 * 250_000;
    const tensor = scratch.tensor('float32', [count / 17, 17], bytesOf(weights(count, 8)));
    const look = async (threads: number) => {
      const other = createTensorEngine({ threads });
      try {
        const slice = { rowAxis: 0, columnAxis: 1, index: [0, 0] };
        return [
          await other.stats(tensor),
          await other.histogram(tensor, { scale: 'symlog', range: 'robust' }),
          await other.quantiles(tensor, [0.1, 0.9], { exact: true }),
          await other.axisNorms(tensor, slice, 'column'),
        ];
      } finally {
        await other.close();
      }
    };
    expect(await look(3)).toEqual(await look(1));
  });
});

describe('norms of lines', () => {
  it('are those of each row and each column, whichever axes make the matrix', async () => {
    const shape = [3, 40, 50];
    const values = weights(6000, 3);
    values[77] = Number.NaN;
    values[1234] = Number.NEGATIVE_INFINITY;
    const tensor = scratch.tensor('float32', shape, bytesOf(values));
    for (const [rowAxis, columnAxis] of [
      [1, 2],
      [2, 1],
      [0, 2],
      [1, 0],
    ] as const) {
      for (const lines of ['row', 'column'] as const) {
        const index = [1, 7, 9];
        const norms = await engine.axisNorms(tensor, { rowAxis, columnAxis, index }, lines);
        const [axis, other] = lines === 'row' ? [rowAxis, columnAxis] : [columnAxis, rowAxis];
        for (let line = 0; line < shape[axis]!; line++) {
          const own = Array.from({ length: shape[other]! }, (_, k) => {
            const at = index.with(axis, line).with(other, k);
            return values[(at[0]! * 40 + at[1]!) * 50 + at[2]!]!;
          });
          const finite = own.filter(Number.isFinite);
          expect(norms.l2[line]).toBeCloseTo(Math.sqrt(finite.reduce((sum, x) => sum + x * x, 0)), 12);
          expect(norms.maxAbs[line]).toBe(Math.max(...finite.map(Math.abs)));
          expect(norms.nonFinite[line]).toBe(own.length - finite.length);
        }
      }
    }
    await expect(
      engine.axisNorms(tensor, { rowAxis: 1, columnAxis: 1, index: [0, 0, 0] }, 'row'),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
