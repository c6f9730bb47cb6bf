import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { CancelledError, InvalidArgumentError } from '../../../core/errors.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import type { Spectrum } from '../../../core/stats/spectrum/spectrum.ts';
import { pythonHas, runPython } from '../python.ts';
import { scratchEngine } from './scratch-engine.ts';
import { effectiveRank, farthest, MATRIX, type Matrix, matrixTensor, withSpectrum } from './spectra.ts';
import { bytesOf, weights } from './support.ts';

// Seconds each on an idle machine.
vi.setConfig({ testTimeout: 120_000 });

const { scratch, engine } = scratchEngine(2);

/** Just above what is computed exactly. */
const SIDE = 1030;

/** Singular values that fall as those of trained weights do: fast first, then slowly. */
const TRAINED = Array.from({ length: SIDE }, (_, k) => 1 / (1 + k / 40));

/** Each value has a singular value of the matrix within its error, and none is above the one of its rank. */
function expectWithinErrors({ values, errors }: Spectrum, wanted: readonly number[]): void {
  values.forEach((value, k) => {
    const nearest = Math.min(...wanted.map((sigma) => Math.abs(sigma - value)));
    expect(nearest).toBeLessThanOrEqual(errors[k]!);
    expect(value).toBeLessThanOrEqual(wanted[k]! + 1e-12 * wanted[0]!);
  });
}

describe('a randomized spectrum', () => {
  it.each([
    ['tall', SIDE + 170, SIDE],
    ['wide', SIDE, SIDE + 170],
  ])('has the largest values of a %s matrix, within the errors that it states', async (_, rows, columns) => {
    const found = await engine.spectrum(matrixTensor(scratch, withSpectrum(rows, columns, TRAINED)), MATRIX);
    expect(found.method).toBe('randomized');
    expect(found.values).toHaveLength(128);
    expectWithinErrors(found, TRAINED);
    expect(farthest(found.values, TRAINED)).toBeLessThan(1e-6);
    expect(Math.max(...found.errors)).toBeLessThan(1e-3);
    const energy = TRAINED.reduce((sum, x) => sum + x * x, 0);
    expect(found.frobenius).toBeCloseTo(Math.sqrt(energy), 9);
    expect(found.stableRank).toBeCloseTo(energy, 9);
    expect(found.captured).toBeCloseTo(TRAINED.slice(0, 128).reduce((sum, x) => sum + x * x, 0) / energy, 9);
    const rank = effectiveRank(TRAINED);
    expect(found.effectiveRank!.low).toBeLessThan(rank);
    expect(found.effectiveRank!.high).toBeGreaterThan(rank);
    expect([found.numericalRank, found.condition]).toEqual([null, null]);
  });

  it('states larger errors where values lie close, and keeps to them', async () => {
    const matrix: Matrix = { rows: SIDE, columns: SIDE, values: Float64Array.from(weights(SIDE * SIDE, 5)) };
    const tensor = matrixTensor(scratch, matrix);
    const few = await engine.spectrum(tensor, { ...MATRIX, count: 8 });
    const many = await engine.spectrum(tensor, { ...MATRIX, count: 256 });
    expect(few.values).toHaveLength(8);
    // The larger one is converged where the smaller one is not.
    expectWithinErrors(few, many.values.slice(0, 60));
    expect(Math.max(...many.errors.slice(0, 8))).toBeLessThan(Math.max(...few.errors));
  });

  it.each([
    ['of low rank', [5, 4, 3, 2, 1], 5],
    ['with one value many times', [...new Array<number>(60).fill(2), ...new Array<number>(400).fill(1)], 460],
    ['all of one length', new Array<number>(SIDE).fill(1), SIDE],
  ])('of a matrix %s is right to rounding', async (_, spectrum, rank) => {
    const found = await engine.spectrum(matrixTensor(scratch, withSpectrum(SIDE, SIDE, spectrum)), MATRIX);
    const wanted = Array.from({ length: 128 }, (_, k) => spectrum[k] ?? 0);
    expect(farthest(found.values, wanted)).toBeLessThan(1e-12);
    expect(Math.max(...found.errors)).toBeLessThan(1e-11);
    if (rank <= 128) expect(found.captured).toBeCloseTo(1, 12);
    expect(found.effectiveRank!.low).toBeLessThanOrEqual(effectiveRank(spectrum) * (1 + 1e-9));
    expect(found.effectiveRank!.high).toBeGreaterThanOrEqual(effectiveRank(spectrum) * (1 - 1e-9));
  });

  it('of a single element is found', async () => {
    const values = new Float64Array(SIDE * SIDE);
    values[700 * SIDE + 3] = -5;
    const found = await engine.spectrum(matrixTensor(scratch, { rows: SIDE, columns: SIDE, values }), MATRIX);
    expect(found.values[0]).toBeCloseTo(5, 12);
    expect(found.values[1]).toBeLessThan(1e-12);
    expect(found.effectiveRank!.high).toBeCloseTo(1, 9);
  });

  it('takes at most 256 values', async () => {
    const tensor = matrixTensor(scratch, withSpectrum(SIDE, SIDE, TRAINED));
    await expect(engine.spectrum(tensor, { ...MATRIX, count: 257 })).rejects.toThrow(InvalidArgumentError);
  });

  it('names what it cannot hold before it reads anything', async () => {
    const path = scratch.path();
    writeFileSync(path, '');
    const shape = [2 ** 20, 2 ** 20];
    const region = { path, offset: 0, nbytes: 4 * 2 ** 40, stamp: { size: 0, mtimeMs: 0, ino: 0 } };
    const huge: LazyTensor = { dtype: 'float32', shape, region, steps: [] };
    await expect(engine.spectrum(huge, { ...MATRIX, count: 256 })).rejects.toThrow('MiB of memory: ask for fewer');
  });

  it('agrees with numpy.linalg.svd', async (context) => {
    if (!pythonHas('numpy')) return context.skip();
    // The first columns are the longer ones.
    const values = weights(1100 * SIDE, 11).map((x, k) => x * (1 + 40 / (1 + (k % SIDE))));
    const tensor = scratch.tensor('float32', [1100, SIDE], bytesOf(values));
    const program = `import numpy, sys
a = numpy.fromfile(sys.argv[1], numpy.float32, offset=7).reshape(1100, -1)
print(numpy.linalg.svd(a.astype(numpy.float64), compute_uv=False).tolist())`;
    const wanted = runPython(program, tensor.region.path) as number[];
    const found = await engine.spectrum(tensor, { ...MATRIX, count: 24 });
    expectWithinErrors(found, wanted);
    expect(farthest(found.values, wanted)).toBeLessThan(1e-3);
    expect(farthest(found.values.slice(0, 4), wanted)).toBeLessThan(1e-12);
  });
});

describe('work on a spectrum', () => {
  const cases = [
    ['exact', withSpectrum(3000, 200, TRAINED.slice(0, 200))],
    ['randomized', withSpectrum(SIDE, 1500, TRAINED)],
  ] as const;

  it.each(cases)('gives one %s result, bit for bit, whatever the threads', async (_, matrix) => {
    const tensor = matrixTensor(scratch, matrix);
    const wanted = await engine.spectrum(tensor, { ...MATRIX, count: 16, seed: 7 });
    for (const threads of [1, 3]) {
      const other = createTensorEngine({ threads });
      expect(await other.spectrum(tensor, { ...MATRIX, count: 16, seed: 7 })).toEqual(wanted);
      await other.close();
    }
    // A memory that was used before must not show.
    expect(await engine.spectrum(tensor, { ...MATRIX, count: 16, seed: 7 })).toEqual(wanted);
  });

  it('starts elsewhere with another seed and arrives at the same values', async () => {
    const tensor = matrixTensor(scratch, cases[1][1]);
    const [a, b] = await Promise.all([0, 1].map((seed) => engine.spectrum(tensor, { ...MATRIX, count: 32, seed })));
    expect(a!.values).not.toEqual(b!.values);
    expect(farthest(a!.values, b!.values)).toBeLessThan(1e-6);
  });

  it.each(cases)('tells how far one that is %s has come, and ends at the size of the tensor', async (_, matrix) => {
    const tensor = matrixTensor(scratch, matrix);
    const seen: number[] = [];
    await engine.spectrum(tensor, MATRIX, { onProgress: (bytes) => seen.push(bytes) });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(tensor.region.nbytes);
  });

  it.each(cases)('of one that is %s can be cancelled at any moment, and then begun again', async (_, matrix) => {
    const tensor = matrixTensor(scratch, matrix);
    for (const share of [0, 0.02, 0.5, 0.9]) {
      const controller = new AbortController();
      const onProgress = (bytes: number): void => {
        if (bytes >= share * tensor.region.nbytes) controller.abort();
      };
      if (share === 0) controller.abort();
      const cancelled = engine.spectrum(tensor, MATRIX, { signal: controller.signal, onProgress });
      await expect(cancelled).rejects.toThrow(CancelledError);
    }
    const found = await engine.spectrum(tensor, MATRIX);
    expect(farthest(found.values, TRAINED)).toBeLessThan(1e-6);
  });

  it.each(cases)('of one that is %s goes on where a worker dies over any of its steps', async (method, matrix) => {
    const tensor = matrixTensor(scratch, matrix);
    const request = { ...MATRIX, count: 8 };
    const wanted = await engine.spectrum(tensor, request);
    const workerUrl = new URL('./workers/dies-once.mjs', import.meta.url);
    for (const piece of method === 'exact' ? [1, 2, 3] : [2, 3, 4]) {
      const flag = scratch.path();
      vi.stubEnv('PARASCOPE_TEST_FLAG', flag);
      vi.stubEnv('PARASCOPE_TEST_PIECE', String(piece));
      const fragile = createTensorEngine({ threads: 2, workerUrl });
      expect(await fragile.spectrum(tensor, request)).toEqual(wanted);
      expect(existsSync(flag)).toBe(true);
      await fragile.close();
    }
    vi.unstubAllEnvs();
  });
});
