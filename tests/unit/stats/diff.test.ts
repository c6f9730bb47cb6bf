import { describe, expect, it } from 'vitest';
import type { DType } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { PIECE_ELEMENTS } from '../../../core/stats/pieces.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { scratchEngine } from './scratch-engine.ts';
import { bytesOf, weights } from './support.ts';

const { scratch, engine } = scratchEngine(2);

function tensor(dtype: DType, array: ArrayBufferView & { readonly length: number }): LazyTensor {
  const parts = dtype.startsWith('complex') ? 2 : 1;
  return scratch.tensor(dtype, [array.length / parts], bytesOf(array));
}

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;

describe('diff', () => {
  it('measures what changed', async () => {
    const a = weights(20_001, 1);
    const b = a.map((x, k) => (k % 100 === 0 ? x + 0.5 : x));
    const diff = await engine.diff(tensor('float32', a), tensor('float32', b));
    const pairs = Array.from(a, (x, k) => [x, b[k]!] as const);
    const sum = (f: (x: number, y: number) => number) => pairs.reduce((total, [x, y]) => total + f(x, y), 0);
    const norm = (f: (x: number, y: number) => number) => Math.sqrt(sum((x, y) => f(x, y) ** 2));
    expect(diff.changedCount).toBe(201);
    expect(diff.identicalBytes).toBe(false);
    expect(diff.maxAbs).toBe(Math.max(...pairs.map(([x, y]) => Math.abs(x - y))));
    expect(diff.meanAbs).toBeCloseTo(sum((x, y) => Math.abs(x - y)) / pairs.length, 13);
    expect(diff.relL2).toBeCloseTo(norm((x, y) => x - y) / norm((x) => x), 11);
    expect(diff.cosine).toBeCloseTo(sum((x, y) => x * y) / (norm((x) => x) * norm((_, y) => y)), 11);
  });

  it('has the cosine of vectors of like and of unlike sizes, along and across', async () => {
    const count = 9001;
    const [a, other] = [weights(count, 3), weights(count, 4)];
    const across = a.map((_, k) => (k % 2 === 0 ? (a[k + 1] ?? 0) : -(a[k - 1] ?? 0)));
    for (const scale of [1, 1 / 50, 100, 2 ** -20, 2 ** 40]) {
      for (const [kind, direction] of Object.entries({ along: a, across, other })) {
        const b = direction.map((x) => x * scale);
        const [ab, aa, bb] = [0, 0, 0].map((_, which) =>
          a.reduce((sum, x, k) => sum + [x * b[k]!, x * x, b[k]! * b[k]!][which]!, 0),
        ) as [number, number, number];
        const { cosine } = await engine.diff(tensor('float32', a), tensor('float32', b));
        expect([kind, scale, Math.abs((cosine ?? NAN) - ab / Math.sqrt(aa * bb)) < 1e-13]).toEqual([kind, scale, true]);
      }
    }
  });

  it('of a tensor and itself is nothing, NaN and infinities included', async () => {
    const values = Float64Array.of(1, -2, NAN, INF, -INF, 0, -0, 1e-300);
    const same = await engine.diff(tensor('float64', values), tensor('float64', values));
    expect(same).toMatchObject({ maxAbs: 0, meanAbs: 0, changedCount: 0, identicalBytes: true, relL2: null });
    const finite = tensor('float32', Float32Array.of(3, 4, NAN));
    expect(await engine.diff(finite, finite)).toEqual({
      maxAbs: 0,
      meanAbs: 0,
      relL2: 0,
      cosine: 1,
      changedCount: 0,
      firstIndex: null,
      maxIndex: null,
      nans: { a: 0, b: 0, both: 1 },
      beyondTolerance: null,
      identicalBytes: true,
    });
  });

  it('takes both zeros as one value and any NaN as NaN', async () => {
    const a = tensor('float32', bits(0x00000000, 0x7fc00000, 0x3f800000));
    const b = tensor('float32', bits(0x80000000, 0xffc00001, 0x3f800000));
    expect(await engine.diff(a, b)).toMatchObject({ changedCount: 0, maxAbs: 0, identicalBytes: false });
  });

  it('counts a NaN that came or went without measuring it', async () => {
    const a = tensor('float32', Float32Array.of(1, NAN, 2));
    const b = tensor('float32', Float32Array.of(1, 5, NAN));
    expect(await engine.diff(a, b)).toMatchObject({ changedCount: 2, maxAbs: 0, meanAbs: 0, cosine: 1 });
    expect(await engine.diff(a, b)).toMatchObject({ firstIndex: 1, maxIndex: null, nans: { a: 1, b: 1, both: 0 } });
  });

  it('counts what is beyond a tolerance, which grows with |a|', async () => {
    const a = tensor('float32', Float32Array.of(1, 100, 100, NAN, INF, 0, 8, -8));
    const b = tensor('float32', Float32Array.of(1.5, 101, 102, 1, INF, 0, 8, 8));
    const beyond = async (absolute: number, relative: number) =>
      (await engine.diff(a, b, { tolerance: { absolute, relative } })).beyondTolerance;
    expect(await beyond(0, 0)).toBe(5);
    expect(await beyond(0.5, 0)).toBe(4);
    expect(await beyond(0.5, 0.01)).toBe(3);
    expect(await beyond(1e9, 0)).toBe(1);
    const long = weights(50_000, 3);
    const moved = long.map((x, k) => (k % 10 === 0 ? x + 0.25 : x));
    const tolerance = { absolute: 0.125, relative: 0 };
    const diff = await engine.diff(tensor('float32', long), tensor('float32', moved), { tolerance });
    expect(diff.beyondTolerance).toBe(5000);
    await expect(engine.diff(a, b, { tolerance: { absolute: -1, relative: 0 } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('measures an infinity that came as infinitely far', async () => {
    const a = tensor('float32', Float32Array.of(1, 2));
    const b = tensor('float32', Float32Array.of(1, INF));
    expect(await engine.diff(a, b)).toMatchObject({ changedCount: 1, maxAbs: INF, relL2: INF, cosine: null });
    expect(await engine.diff(b, a)).toMatchObject({ changedCount: 1, maxAbs: INF, relL2: null, cosine: null });
  });

  it('has no ratio against nothing', async () => {
    const zeros = tensor('float32', new Float32Array(3));
    const ones = tensor('float32', Float32Array.of(1, 1, 1));
    expect(await engine.diff(zeros, ones)).toMatchObject({ maxAbs: 1, meanAbs: 1, relL2: null, cosine: null });
    const none = tensor('float32', new Float32Array(0));
    expect(await engine.diff(none, none)).toEqual({
      maxAbs: null,
      meanAbs: null,
      relL2: null,
      cosine: null,
      changedCount: 0,
      firstIndex: null,
      maxIndex: null,
      nans: { a: 0, b: 0, both: 0 },
      beyondTolerance: null,
      identicalBytes: true,
    });
  });

  it('compares 64-bit integers exactly', async () => {
    const a = tensor('int64', BigInt64Array.of(2n ** 60n, -(2n ** 63n), 5n));
    const b = tensor('int64', BigInt64Array.of(2n ** 60n + 1n, 2n ** 63n - 1n, 5n));
    expect(await engine.diff(a, b)).toMatchObject({ changedCount: 2, maxAbs: 2 ** 64 });
    const c = tensor('uint64', BigUint64Array.of(2n ** 64n - 1n));
    const d = tensor('uint64', BigUint64Array.of(2n ** 64n - 2n));
    expect(await engine.diff(c, d)).toMatchObject({ changedCount: 1, maxAbs: 1 });
  });

  it('compares dtypes by value', async () => {
    const floats = tensor('float32', Float32Array.of(1, -2, 100));
    const integers = tensor('int8', Int8Array.of(1, -2, 101));
    const wide = tensor('int64', BigInt64Array.of(1n, -2n, 100n));
    const complex = tensor('complex64', Float32Array.of(1, 0, -2, 3, 100, 0));
    expect(await engine.diff(floats, integers)).toMatchObject({ changedCount: 1, maxAbs: 1, identicalBytes: false });
    expect(await engine.diff(wide, floats)).toMatchObject({ changedCount: 0, maxAbs: 0, identicalBytes: false });
    expect(await engine.diff(floats, complex)).toMatchObject({ changedCount: 1, maxAbs: 3 });
  });

  it('sees the edits of either side', async () => {
    const a = tensor('float32', Float32Array.of(1, 2, 3));
    const doubled = { ...a, steps: [{ kind: 'scale', factor: 2 } as const] };
    expect(await engine.diff(a, doubled)).toMatchObject({ changedCount: 3, maxAbs: 3, relL2: 1, cosine: 1 });
    expect(await engine.diff(doubled, doubled)).toMatchObject({ changedCount: 0, identicalBytes: true });
  });

  it('refuses tensors of different shapes', async () => {
    const a = tensor('float32', Float32Array.of(1, 2));
    await expect(engine.diff(a, { ...a, shape: [2, 1] })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });

  it('does not depend on the number of threads, and reports both files as progress', async () => {
    const count = PIECE_ELEMENTS + 999;
    const [a, b] = [tensor('float32', weights(count, 1)), tensor('float32', weights(count, 2))];
    const single = createTensorEngine({ threads: 1 });
    const seen: number[] = [];
    const expected = await single.diff(a, b, { onProgress: (bytes) => seen.push(bytes) });
    await single.close();
    expect(await engine.diff(a, b)).toEqual(expected);
    expect(seen.at(-1)).toBe(count * 8);
  });
});

function bits(...codes: number[]): Uint32Array {
  return Uint32Array.from(codes);
}
