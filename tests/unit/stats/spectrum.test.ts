import { describe, expect, it } from 'vitest';
import { InvalidArgumentError, InvalidStateError, UnsupportedDTypeError } from '../../../core/errors.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { scratchEngine } from './scratch-engine.ts';
import { effectiveRank, farthest, MATRIX, matrixTensor, transposed, withSpectrum } from './spectra.ts';
import { base64, bytesOf, random, weights } from './support.ts';

const { scratch, engine } = scratchEngine(2);

function tensorOf(rows: number, columns: number, values: readonly number[]): LazyTensor {
  return matrixTensor(scratch, { rows, columns, values: Float64Array.from(values) });
}

const FALLING = Array.from({ length: 60 }, (_, k) => 3 / (1 + k));

describe('an exact spectrum', () => {
  it.each([
    ['tall', 500, 60],
    ['wide', 60, 500],
    ['square', 60, 60],
    ['very tall, in several parts and pieces', 70_000, 60],
  ])('has the values that a %s matrix was made with', async (_, rows, columns) => {
    const found = await engine.spectrum(matrixTensor(scratch, withSpectrum(rows, columns, FALLING)), MATRIX);
    expect(found.method).toBe('exact');
    expect([found.rows, found.columns]).toEqual([rows, columns]);
    expect(found.values).toHaveLength(60);
    expect(farthest(found.values, FALLING)).toBeLessThan(1e-13);
    expect(found.values).toEqual([...found.values].sort((a, b) => b - a));
    expect(found.errors[0]).toBeCloseTo(Math.max(rows, columns) * 2 ** -52 * 3, 20);
  });

  it('is that of a Hilbert matrix, small values included', async () => {
    const n = 8;
    const hilbert = Array.from({ length: n * n }, (_, k) => 1 / (1 + Math.floor(k / n) + (k % n)));
    // numpy.linalg.svd of NumPy 2.4.6
    const recorded = [
      1.6959389969219496, 0.2981252113169307, 0.026212843578119035, 0.0014676881177418473, 5.436943369751095e-5,
      1.2943320918745527e-6, 1.7988737457436082e-8, 1.1115389793345086e-10,
    ];
    const found = await engine.spectrum(tensorOf(n, n, hilbert), MATRIX);
    expect(farthest(found.values, recorded)).toBeLessThan(1e-15);
    expect(found.numericalRank).toBe(8);
    expect(found.condition! / 1.5257575563723e10).toBeCloseTo(1, 5);
  });

  it('does not change when the matrix is turned, and scales with it', async () => {
    const matrix = { rows: 90, columns: 40, values: Float64Array.from(weights(3600, 3)) };
    const { values } = await engine.spectrum(matrixTensor(scratch, matrix), MATRIX);
    const turned = await engine.spectrum(matrixTensor(scratch, transposed(matrix)), MATRIX);
    expect(farthest(turned.values, values)).toBeLessThan(1e-14);
    const swapped = await engine.spectrum(matrixTensor(scratch, matrix), { ...MATRIX, rowAxis: 1, columnAxis: 0 });
    expect(swapped.values).toEqual(values);
    expect([swapped.rows, swapped.columns]).toEqual([40, 90]);
    const scaled = { ...matrix, values: matrix.values.map((x) => x * 1024) };
    const found = await engine.spectrum(matrixTensor(scratch, scaled), MATRIX);
    expect(found.values).toEqual(values.map((x) => x * 1024));
  });

  it.each([1e300, 1e-300, 5e-310])('survives values of %d, whose squares are out of range', async (factor) => {
    const matrix = withSpectrum(30, 20, FALLING.slice(0, 20));
    const found = await engine.spectrum(
      matrixTensor(scratch, { ...matrix, values: matrix.values.map((x) => x * factor) }),
      MATRIX,
    );
    const wanted = FALLING.slice(0, 20).map((x) => x * factor);
    expect(farthest(found.values, wanted)).toBeLessThan(1e-12);
    expect(found.frobenius / (factor * Math.hypot(...FALLING.slice(0, 20)))).toBeCloseTo(1, 12);
    expect(found.stableRank).toBeCloseTo(Math.hypot(...FALLING.slice(0, 20)) ** 2 / 9, 10);
  });

  it('hands out as many as are asked for, with figures of all', async () => {
    const tensor = matrixTensor(scratch, withSpectrum(100, 60, FALLING));
    const all = await engine.spectrum(tensor, MATRIX);
    const some = await engine.spectrum(tensor, { ...MATRIX, count: 5 });
    expect(some.values).toEqual(all.values.slice(0, 5));
    expect(some.errors).toHaveLength(5);
    expect(some.effectiveRank).toEqual(all.effectiveRank);
    expect(some.condition).toBe(all.condition);
    expect(some.captured).toBeCloseTo(
      FALLING.slice(0, 5).reduce((sum, x) => sum + x * x, 0) / FALLING.reduce((sum, x) => sum + x * x, 0),
      12,
    );
  });
});

describe('figures', () => {
  it('are what their definitions say', async () => {
    const spectrum = [4, 2, 1, 1, 0.5];
    const found = await engine.spectrum(matrixTensor(scratch, withSpectrum(9, 5, spectrum)), MATRIX);
    const energy = 16 + 4 + 1 + 1 + 0.25;
    expect(found.frobenius).toBeCloseTo(Math.sqrt(energy), 12);
    expect(found.captured).toBeCloseTo(1, 12);
    expect(found.stableRank).toBeCloseTo(energy / 16, 12);
    expect(found.effectiveRank!.low).toBeCloseTo(effectiveRank(spectrum), 12);
    expect(found.effectiveRank!.high).toBe(found.effectiveRank!.low);
    // 20 of 22.25 are 89.9 %, 22 are 98.9 %.
    expect([found.rank90, found.rank99]).toEqual([3, 5]);
    expect(found.numericalRank).toBe(5);
    expect(found.condition).toBeCloseTo(8, 10);
  });

  it('of the identity: all directions count the same', async () => {
    const n = 33;
    const identity = Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
    const found = await engine.spectrum(tensorOf(n, n, identity), MATRIX);
    expect(found.values).toEqual(new Array(n).fill(1));
    expect(found.effectiveRank!.low).toBeCloseTo(n, 10);
    expect(found.stableRank).toBeCloseTo(n, 10);
    expect(found.condition).toBeCloseTo(1, 10);
  });

  it('of rank 1: one direction, no condition', async () => {
    const outer = Array.from({ length: 20 * 12 }, (_, k) => (1 + Math.floor(k / 12)) * (2 + (k % 12)));
    const found = await engine.spectrum(tensorOf(20, 12, outer), MATRIX);
    expect(found.numericalRank).toBe(1);
    expect(found.effectiveRank!.low).toBeCloseTo(1, 6);
    expect(found.condition).toBeNull();
    expect([found.rank90, found.rank99]).toEqual([1, 1]);
  });

  it('of zeros and of nothing there are none', async () => {
    const zeros = await engine.spectrum(tensorOf(3, 4, new Array(12).fill(0)), MATRIX);
    expect(zeros).toMatchObject({ values: [0, 0, 0], errors: [0, 0, 0], frobenius: 0, numericalRank: 0 });
    expect(zeros).toMatchObject({
      captured: null,
      stableRank: null,
      effectiveRank: null,
      rank90: null,
      condition: null,
    });
    const empty = await engine.spectrum(tensorOf(0, 4, []), MATRIX);
    expect(empty).toMatchObject({ rows: 0, columns: 4, values: [], frobenius: 0, effectiveRank: null });
  });
});

describe('any tensor', () => {
  it('is looked at slice by slice, along any two axes', async () => {
    const [a, b, c] = [5, 7, 9];
    const next = random(4);
    const values = Float64Array.from({ length: a * b * c }, () => next() - 0.5);
    const tensor = scratch.tensor('float64', [a, b, c], bytesOf(values));
    const at = (index: readonly number[]): number => values[(index[0]! * b + index[1]!) * c + index[2]!]!;
    for (const [rowAxis, columnAxis] of [
      [1, 2],
      [0, 2],
      [0, 1],
      [2, 0],
    ] as const) {
      const index = [3, 4, 5];
      const [rows, columns] = [tensor.shape[rowAxis]!, tensor.shape[columnAxis]!];
      const matrix = Array.from({ length: rows * columns }, (_, k) =>
        at(index.with(rowAxis, Math.floor(k / columns)).with(columnAxis, k % columns)),
      );
      const found = await engine.spectrum(tensor, { rowAxis, columnAxis, index });
      const { values: wanted } = await engine.spectrum(tensorOf(rows, columns, matrix), MATRIX);
      expect([found.rows, found.columns]).toEqual([rows, columns]);
      expect(farthest(found.values, wanted)).toBeLessThan(1e-14);
    }
  });

  it('of one axis is a matrix of one row: its value is the norm', async () => {
    const tensor = scratch.tensor('int8', [3], Uint8Array.of(2, 3, 6));
    const found = await engine.spectrum(tensor, { rowAxis: null, columnAxis: 0, index: [0] });
    expect(found).toMatchObject({ rows: 1, columns: 3, numericalRank: 1 });
    expect(found.values[0]).toBeCloseTo(7, 13);
  });

  it('is taken as it is after its edits, in any real dtype', async () => {
    const integers = scratch.tensor('int64', [2, 2], bytesOf(BigInt64Array.of(3n, 0n, 0n, -4n)));
    expect((await engine.spectrum(integers, MATRIX)).values).toEqual([4, 3]);
    const scaled: LazyTensor = { ...integers, steps: [{ kind: 'scale', factor: 2 }] };
    expect((await engine.spectrum(scaled, MATRIX)).values).toEqual([8, 6]);
    const corner = { start: 0, count: 1, step: 1 };
    const set: LazyTensor = {
      ...integers,
      steps: [{ kind: 'set', ranges: [corner, corner], data: base64(BigInt64Array.of(0n)) }],
    };
    expect((await engine.spectrum(set, MATRIX)).values).toEqual([4, 0]);
    const half = scratch.tensor('bfloat16', [2, 2], bytesOf(Uint16Array.of(0x4040, 0, 0, 0x3f80)));
    expect((await engine.spectrum(half, MATRIX)).values).toEqual([3, 1]);
    // Two blocks of 32: a scale of 1 or 2 (float16), then int8.
    const block = (scale: number, first: number): number[] => [0, scale, first, ...new Array<number>(31).fill(0)];
    const quantized = scratch.tensor('q8_0', [2, 32], Uint8Array.from([...block(0x3c, 5), ...block(0x40, 6)]));
    expect((await engine.spectrum(quantized, MATRIX)).values).toEqual([13, 0]);
  });

  it('with NaN or infinite values is refused, with how many and where', async () => {
    const values = Float64Array.from(weights(300 * 40, 8));
    values[7 * 40 + 3] = Number.NaN;
    values[200 * 40] = Number.POSITIVE_INFINITY;
    const tensor = scratch.tensor('float64', [300, 40], bytesOf(values));
    const refused = engine.spectrum(tensor, MATRIX);
    await expect(refused).rejects.toThrow(InvalidStateError);
    await expect(refused).rejects.toThrow('2 of its elements are not finite, the first at [7, 3]');
    // Rows along the axis of the smaller stride: the index is the tensor's all the same.
    const turned = engine.spectrum(tensor, { ...MATRIX, rowAxis: 1, columnAxis: 0 });
    await expect(turned).rejects.toThrow('the first at [7, 3]');
  });

  it('of complex numbers, and what is no matrix of it, is refused', async () => {
    const complex = scratch.tensor('complex64', [1, 1], new Uint8Array(8));
    await expect(engine.spectrum(complex, MATRIX)).rejects.toThrow(UnsupportedDTypeError);
    const tensor = tensorOf(2, 2, [1, 2, 3, 4]);
    for (const wrong of [
      { rowAxis: 0, columnAxis: 0 },
      { rowAxis: 0, columnAxis: 2 },
      { rowAxis: null, columnAxis: 1 },
      { count: 0 },
      { count: 1.5 },
      { seed: -1 },
    ]) {
      await expect(engine.spectrum(tensor, { ...MATRIX, ...wrong })).rejects.toThrow(InvalidArgumentError);
    }
  });
});
