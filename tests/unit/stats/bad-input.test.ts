import { describe, expect, it } from 'vitest';
import type { DType } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { decodeAll } from './model.ts';
import { expectModel } from './plain-stats.ts';
import { scratchEngine } from './scratch-engine.ts';
import { bytesOf } from './support.ts';

const { scratch, engine } = scratchEngine(2);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
/** The least number above zero. */
const LEAST = {
  float16: 2 ** -24,
  bfloat16: 2 ** -133,
  float32: 2 ** -149,
  float64: 2 ** -1074,
  float8_e4m3fn: 2 ** -9,
  float8_e5m2: 2 ** -16,
  int64: 1,
  complex64: 2 ** -149,
  complex128: 2 ** -1074,
} as const satisfies Partial<Record<DType, number>>;
type Tried = keyof typeof LEAST;

const CASES: Readonly<Record<string, (least: number) => readonly number[]>> = {
  'NaN only': () => [nan, nan, nan],
  'infinities only': () => [inf, -inf, inf],
  'all zero': () => [0, -0, 0],
  constant: () => [3.5, 3.5, 3.5],
  'of no elements': () => [],
  'of one element': () => [-3],
  'of one NaN': () => [nan],
  'of denormals only': (least) => [least, -least, 3 * least, 2 * least],
  'of zeros, denormals and what is not finite': (least) => [0, least, -0, nan, -least, -inf, inf],
};
/** As it is, and as more than a block of the kernels with a tail. */
const SIZES = [1, 4099];

/** Storage bytes of the values, as a cast of the engine's own makes them. */
async function stored(dtype: Tried, values: readonly number[]): Promise<Uint8Array> {
  const wide = scratch.tensor('float64', [values.length], bytesOf(Float64Array.from(values)));
  return await engine.read({ ...wide, steps: [{ kind: 'cast', dtype }] }, 0, values.length);
}

async function tensorOf(dtype: Tried, values: readonly number[]): Promise<{ tensor: LazyTensor; bytes: Uint8Array }> {
  const bytes = await stored(dtype, values);
  return { tensor: scratch.tensor(dtype, [values.length], bytes), bytes };
}

describe('a tensor', () => {
  for (const dtype of Object.keys(LEAST) as Tried[]) {
    for (const [what, make] of Object.entries(CASES)) {
      it(`of ${dtype}, ${what}, has the statistics of its values`, async () => {
        for (const times of SIZES) {
          const pattern = make(LEAST[dtype]);
          const values = Array.from({ length: pattern.length * times }, (_, k) => pattern[k % pattern.length] ?? 0);
          const { tensor, bytes } = await tensorOf(dtype, values);
          const stats = await engine.stats(tensor);
          const elements = decodeAll(dtype, bytes, values.length);
          if (dtype.startsWith('complex')) {
            const parts = elements as readonly (readonly [number, number])[];
            expect(stats).toMatchObject({
              count: values.length,
              zeros: parts.filter(([re, im]) => re === 0 && im === 0).length,
              nans: parts.filter(([re, im]) => Number.isNaN(re) || Number.isNaN(im)).length,
              infs: parts.filter(([re, im]) => Math.abs(re) === inf || Math.abs(im) === inf).length,
              min: null,
              histogram: null,
              quantiles: null,
            });
          } else expectModel(stats, elements, 64);
        }
      });
    }
  }
});
