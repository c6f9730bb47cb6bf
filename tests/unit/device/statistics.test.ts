import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ArrayStatistics } from '../../../core/device/array-statistics.ts';
import { cpu } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { csr, rowSparse } from '../../../core/device/nd-sparse.ts';
import '../../../core/symbol/invoke.ts';
import { type DType, dtypeInfo } from '../../../core/ndarray/dtype.ts';
import { elementCount } from '../../../core/ndarray/shape.ts';
import type { TensorStats } from '../../../core/stats/engine.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { HOLDABLE_DTYPES, openRuntime } from './runtimes.ts';

const runtime = openRuntime();
const engine = createTensorEngine({ threads: 2 });
const folder = mkdtempSync(join(tmpdir(), 'parascope-device-statistics-'));
let files = 0;

afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the engine says of the same storage bytes in a file. */
async function engineStats(dtype: DType, shape: readonly number[], bytes: Uint8Array): Promise<TensorStats> {
  const path = join(folder, `${++files}.bin`);
  writeFileSync(path, bytes);
  const { size, mtimeMs, ino } = statSync(path);
  const region = { path, offset: 0, nbytes: size, stamp: { size, mtimeMs, ino } };
  return await engine.stats({ dtype, shape, region, steps: [] });
}

function expectSame(got: ArrayStatistics, { count, min, max, zeros, nans, infs, mean, std, l2 }: TensorStats): void {
  expect(got).toMatchObject({ count, min, max, zeros, nans, infs });
  const near = (value: number | null, wanted: number | null, scale: number): void => {
    if (wanted === null || value === null || !Number.isFinite(wanted)) expect(value).toBe(wanted);
    else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-12 * scale);
  };
  near(got.mean, mean, Math.abs(mean ?? 0) + (std ?? 0));
  near(got.std, std, std ?? 0);
  near(got.l2, l2, l2 ?? 0);
}

/** Any bits at all, most of which are not finite or huge in some dtypes. */
function noise(length: number): Uint8Array {
  let state = 12_345;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}

describe('statistics of an array on a device', () => {
  it.each(HOLDABLE_DTYPES)('are those of the engine: %s', async (dtype) => {
    const shape = [41, 501];
    const bytes = noise((elementCount(shape) * dtypeInfo(dtype).bits) / 8);
    const array = runtime.fromBytes({ shape, dtype, bytes: bytes.slice() });
    expectSame(await array.statistics(), await engineStats(dtype, shape, bytes));
  });

  it('keep their digits over 16 M elements that are far from zero', async () => {
    const shape = [4096, 4096];
    const values = new Float32Array(elementCount(shape));
    for (let k = 0; k < values.length; k++) values[k] = 1000 + Math.sin(k) / 8;
    const bytes = new Uint8Array(values.buffer);
    const array = runtime.fromBytes({ shape, dtype: 'float32', bytes: bytes.slice() });
    expectSame(await array.statistics(), await engineStats('float32', shape, bytes));
  });

  it.each<[string, readonly number[]]>([
    ['no element', []],
    ['one', [-3]],
    ['zeros of both signs', [0, -0]],
    ['nothing finite', [Number.NaN, Number.POSITIVE_INFINITY]],
    ['values whose sum overflows', [1.7e308, 1.7e308, 1.6e308]],
    ['values below the normal range', [5e-324, 0, 1e-310]],
  ])('of %s', async (_, values) => {
    const numbers = Float64Array.from(values);
    const bytes = new Uint8Array(numbers.buffer);
    const array = runtime.fromBytes({ shape: [values.length], dtype: 'float64', bytes: bytes.slice() });
    expectSame(await array.statistics(), await engineStats('float64', [values.length], bytes));
  });

  it('of a sparse array count what it does not store as zeros', async () => {
    const values = [2, 4, -6, 1];
    const rows = rowSparse({ indices: [1, 3], data: [values.slice(0, 2), values.slice(2)], shape: [5, 2] });
    const cells = csr({ indptr: [0, 1, 1, 4], indices: [0, 0, 1, 2], data: values, shape: [3, 4] });
    for (const array of [rows, cells]) {
      const dense = await array.toStype('default').statistics();
      const sparse = await array.statistics();
      expect(sparse).toMatchObject({ count: array.size, zeros: array.size - 4, min: -6, max: 4, nans: 0, infs: 0 });
      for (const key of ['mean', 'std', 'l2'] as const) expect(sparse[key]).toBeCloseTo(dense[key] ?? Number.NaN, 12);
    }
  });
});

describe('the distance of two arrays', () => {
  const of = (values: readonly number[], dtype: DType, id = 0): NDArray =>
    runtime
      .fromBytes({ shape: [values.length], dtype: 'float64', bytes: bytesOf(values), device: cpu(id) })
      .asType(dtype);
  const bytesOf = (values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer);

  it.each(['float64', 'float32', 'bfloat16', 'int8', 'int64', 'complex64'] as const)('of %s', async (dtype) => {
    expect(await of([1, 2, 3], dtype).distanceTo(of([1, 5, -1], dtype, 1))).toEqual({ l2: 5, max: 4 });
  });

  it('is no number where an element is none, and infinite where one is', async () => {
    const nan = await of([1, Number.NaN, 9], 'float32').distanceTo(of([1, 1, 1], 'float32'));
    expect(nan).toEqual({ l2: Number.NaN, max: Number.NaN });
    const infinite = await of([Number.POSITIVE_INFINITY], 'float32').distanceTo(of([1], 'float32'));
    expect(infinite).toEqual({ l2: Number.POSITIVE_INFINITY, max: Number.POSITIVE_INFINITY });
  });

  it('is refused of other shapes and dtypes', async () => {
    await expect(of([1], 'float32').distanceTo(of([1, 2], 'float32'))).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
    await expect(of([1], 'float32').distanceTo(of([1], 'int8'))).rejects.toMatchObject({ code: 'DTYPE_MISMATCH' });
  });
});
