import type { ArrayDistance, ArrayStatistics } from '../../core/device/array-statistics.ts';
import type { Handle } from '../../core/device/protocol.ts';
import type { DType } from '../../core/ndarray/dtype.ts';
import type { Bench } from './bench.ts';
import type { Case } from './case.ts';

const RANGES: readonly (readonly [dtype: DType, low: number, high: number])[] = [
  ['float32', -3, 3],
  ['float32', -1e30, 1e30],
  ['float32', -1e-30, 1e-30],
  ['float32', 1e6, 1.00001e6],
  ['bfloat16', -2, 2],
  ['float16', 100, 101],
  ['int8', -128, 127],
  ['uint16', 0, 65_535],
  ['int32', -2e9, 2e9],
  ['int32', 2e9, 2_000_000_010],
  ['bool', 0, 1],
];

/** Norms, distances and statistics, as the cpu has them in float64. */
export const FIGURE_CASES: readonly Case[] = [
  {
    name: 'norms as float64 has them',
    run: async (bench) => {
      for (const [dtype, low, high] of RANGES) {
        const array = await bench.numbers({ dtype, shape: [5003] }, low, high);
        const query = { kind: 'norm', handle: array } as const;
        near(Number(await bench.gpu.answer(query)), Number(bench.reference.answer(query)), `norm of ${dtype}`);
      }
    },
  },
  {
    name: 'distances, between devices too',
    run: async (bench) => {
      for (const device of ['gpu(0)', 'gpu(1)'] as const) {
        for (const [dtype, low, high] of RANGES) {
          const array = await bench.numbers({ dtype, shape: [5003] }, low, high);
          const other = await bench.numbers({ dtype, shape: [5003] }, low, high, device);
          await sameDistance(bench, array, other, `${dtype} on ${device}`);
        }
        const odd = await bench.values({ dtype: 'float32', shape: [3] }, [1, Number.NaN, 2]);
        const even = await bench.values({ dtype: 'float32', shape: [3] }, [1, 2, 3], device);
        await sameDistance(bench, odd, even, 'NaN');
        const complex = await bench.values({ dtype: 'complex64', shape: [2] }, [1, 2]);
        const beside = await bench.values({ dtype: 'complex64', shape: [2] }, [4, 6], device);
        await sameDistance(bench, complex, beside, 'complex64');
      }
    },
  },
  {
    name: 'statistics of any dtype',
    run: async (bench) => {
      for (const [dtype, low, high] of RANGES) {
        const array = await bench.numbers({ dtype, shape: [5003] }, low, high);
        await sameStatistics(bench, array, `${dtype} from ${low} to ${high}`);
        await bench.free(array);
      }
      await sameStatistics(
        bench,
        await bench.values({ dtype: 'complex64', shape: [3] }, [0, 1, Number.NaN]),
        'complex64',
      );
    },
  },
  {
    name: 'statistics of what is not finite, zero, constant, single or nothing',
    run: async (bench) => {
      const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
      for (const values of [
        [],
        [0],
        [-0, 0, 0],
        [-7.5],
        [nan, nan],
        [inf, -inf, inf],
        [nan, inf, -inf, 0, 3, -4],
        Array.from({ length: 1000 }, () => 0.1),
        Array.from({ length: 1000 }, (_, k) => (k % 300 === 0 ? nan : 3e38 * (k % 2 === 0 ? 1 : -1))),
      ]) {
        const array = await bench.values({ dtype: 'float32', shape: [values.length] }, values);
        await sameStatistics(bench, array, `[${values.slice(0, 6)}]`);
      }
    },
  },
  {
    name: 'statistics of 4 M elements to 1e-6',
    run: async (bench) => {
      const array = await bench.numbers({ dtype: 'float32', shape: [2048, 2048] }, -0.1, 0.3);
      await sameStatistics(bench, array, '4 M elements');
    },
  },
];

function near(got: number, wanted: number, what: string): void {
  if (Math.abs(got - wanted) <= 1e-6 * Math.abs(wanted)) return;
  throw new Error(`${what} is ${got}, the cpu has ${wanted}`);
}

async function sameDistance(bench: Bench, handle: Handle, other: Handle, what: string): Promise<void> {
  const query = { kind: 'distance', handle, other } as const;
  const got = (await bench.gpu.answer(query)) as ArrayDistance;
  const wanted = bench.reference.answer(query) as ArrayDistance;
  for (const key of ['l2', 'max'] as const) {
    if (!Object.is(got[key], wanted[key])) near(got[key], wanted[key], `${key} distance of ${what}`);
  }
}

async function sameStatistics(bench: Bench, handle: Handle, what: string): Promise<void> {
  const query = { kind: 'statistics', handle } as const;
  const got = (await bench.gpu.answer(query)) as ArrayStatistics;
  const wanted = bench.reference.answer(query) as ArrayStatistics;
  for (const key of ['count', 'zeros', 'nans', 'infs', 'min', 'max'] as const) {
    if (!Object.is(got[key], wanted[key]))
      throw new Error(`${key} of ${what} is ${got[key]}, the cpu has ${wanted[key]}`);
  }
  for (const key of ['mean', 'std', 'l2'] as const) {
    const scale = key === 'mean' ? Math.abs(wanted.mean ?? 0) + (wanted.std ?? 0) : Math.abs(wanted[key] ?? 0);
    const isNull = got[key] === null || wanted[key] === null;
    if (isNull ? got[key] === wanted[key] : Math.abs((got[key] ?? 0) - (wanted[key] ?? 0)) <= 1e-6 * scale) continue;
    throw new Error(`${key} of ${what} is ${got[key]}, the cpu has ${wanted[key]}`);
  }
}
