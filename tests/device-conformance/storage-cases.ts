import { bytesFor, type DType } from '../../core/ndarray/dtype.ts';
import type { Bench } from './bench.ts';
import type { Case } from './case.ts';

/** What a GPU can hold (design.md §4.3). */
export const GPU_DTYPES = [
  'float32',
  'float16',
  'bfloat16',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e5m2',
  'float8_e5m2fnuz',
  'float8_e8m0fnu',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'bool',
  'complex64',
] as const satisfies readonly DType[];

/** All codes of a dtype, or many, with NaNs of every kind, infinities, zeros of both signs and subnormals. */
function codes(bench: Bench, dtype: DType): Uint8Array<ArrayBuffer> {
  const width = bytesFor(dtype, 1);
  if (width === 1) return Uint8Array.from({ length: 256 }, (_, code) => code);
  if (width === 2) return new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, code) => code).buffer);
  const special = [
    0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
    0x7f800001, 0x7fa5a5a5, 0xffffffff, 0x3f800000, 0x7fffffff, 0x00ffffff, 0x01000001, 0x4b800001, 0xcb7fffff,
  ];
  const words = new Uint32Array(bench.random.bytes(16_384).buffer);
  words.set(special);
  return new Uint8Array(words.buffer);
}

/** Floats where rounding is decided: around every value of a narrow dtype, halfway to the next, and one step aside. */
function ties(dtype: DType, bench: Bench): Uint8Array<ArrayBuffer> {
  const cut = dtype === 'float16' ? 13 : dtype === 'bfloat16' ? 16 : 20;
  const words: number[] = [];
  for (let i = 0; i < 4096; i++) {
    const base = Math.floor(bench.random.word() / 2 ** cut) * 2 ** cut;
    const half = 2 ** (cut - 1);
    words.push(base, base + half, base + half - 1, base + half + 1, base + 2 * half - 1);
  }
  // The exponents where narrow formats have their subnormals.
  for (let i = 0; i < 8192; i++) words.push((bench.random.word() & 0x807fffff) | (bench.random.integer(95, 125) << 23));
  return new Uint8Array(Uint32Array.from(words).buffer);
}

export const STORAGE_CASES: readonly Case[] = [
  ...GPU_DTYPES.map((dtype) => ({
    name: `keeps every bit of ${dtype}`,
    run: async (bench: Bench) => {
      const bytes = codes(bench, dtype);
      const shape = [bytes.length / bytesFor(dtype, 1)];
      const array = await bench.bytes({ dtype, shape }, bytes);
      await bench.same(array);
      const copy = await bench.zeros({ dtype, shape });
      await bench.assign(copy, array);
      await bench.zero(array);
      await bench.same(copy);
      await bench.same(array);
    },
  })),
  ...GPU_DTYPES.map((dtype) => ({
    name: `casts ${dtype} to every other as the cpu does`,
    run: async (bench: Bench) => {
      const bytes = codes(bench, dtype);
      const array = await bench.bytes({ dtype, shape: [bytes.length / bytesFor(dtype, 1)] }, bytes);
      for (const target of GPU_DTYPES) await sameCast(bench, array, target);
    },
  })),
  ...(
    [
      'float16',
      'bfloat16',
      'float8_e4m3fn',
      'float8_e4m3fnuz',
      'float8_e5m2',
      'float8_e5m2fnuz',
      'float8_e8m0fnu',
    ] as const
  ).map((dtype) => ({
    name: `rounds float32 to ${dtype} once, ties to even`,
    run: async (bench: Bench) => {
      const bytes = ties(dtype, bench);
      const array = await bench.bytes({ dtype: 'float32', shape: [bytes.length / 4] }, bytes);
      await sameCast(bench, array, dtype);
    },
  })),
  {
    name: 'writes and reads ranges at odd offsets',
    run: async (bench) => {
      for (const dtype of GPU_DTYPES) {
        const width = bytesFor(dtype, 1);
        const array = await bench.zeros({ dtype, shape: [7, 143] });
        for (const [start, count] of [
          [1, 3],
          [0, 1],
          [997, 4],
          [333, 501],
          [5, 7],
        ] as const) {
          await bench.upload(array, start, bench.random.bytes(count * width));
        }
        await bench.same(array);
        for (const [start, count] of [
          [3, 1],
          [998, 3],
          [1001, 0],
          [17, 700],
        ] as const) {
          const got = await bench.read(bench.gpu, array, start, count);
          const wanted = await bench.read(bench.reference, array, start, count);
          if (got.some((byte, i) => byte !== wanted[i])) throw new Error(`${dtype} from ${start} on differs`);
        }
      }
    },
  },
  {
    name: 'casts what is uploaded in another dtype',
    run: async (bench) => {
      for (const dtype of ['float32', 'bfloat16', 'int8', 'int32', 'bool'] as const) {
        const array = await bench.zeros({ dtype, shape: [300] });
        await bench.upload(array, 11, new Uint8Array(bench.random.numbers(200, -300, 300).buffer), 'float64');
        await bench.same(array);
      }
    },
  },
  {
    name: 'leaves a copy as it is when the original is written',
    run: async (bench) => {
      const shape = [64];
      const original = await bench.numbers({ dtype: 'float32', shape });
      const copy = await bench.cast(original, 'float32');
      await bench.upload(original, 5, new Uint8Array(Float32Array.of(1, 2, 3).buffer));
      await bench.same(copy);
      await bench.same(original);
    },
  },
  {
    name: 'transfers more than the staging memory takes at a time',
    run: async (bench) => {
      const count = 3_000_001;
      const bytes = bench.random.bytes(4 * count);
      const array = await bench.zeros({ dtype: 'float32', shape: [count] });
      for (let start = 0; start < count; start += 700_000) {
        await bench.upload(array, start, bytes.slice(4 * start, 4 * Math.min(count, start + 700_000)));
      }
      await bench.same(array);
    },
  },
  {
    name: 'copies between two devices, and takes their mean',
    run: async (bench) => {
      const { devices } = (await bench.gpu.answer({ kind: 'devices' })) as { devices: readonly unknown[] };
      if (devices.length < 2) throw new Error('there should be two logical devices');
      for (const dtype of ['float32', 'bfloat16', 'int8', 'bool', 'int32'] as const) {
        const here = await bench.numbers({ dtype, shape: [33, 7] }, -100, 100);
        const there = await bench.numbers({ dtype, shape: [33, 7] }, -100, 100, 'gpu(1)');
        const copy = await bench.cast(here, dtype, 'gpu(1)');
        await bench.same(copy);
        await bench.close(await bench.mean([here, there, copy], 'gpu(1)'));
        await bench.assign(here, there);
        await bench.same(here);
        await bench.close(await bench.mean([here]));
        await bench.close(await bench.mean([there, copy]));
      }
    },
  },
];

async function sameCast(bench: Bench, array: number, target: DType): Promise<void> {
  const result = await bench.cast(array, target);
  try {
    await bench.same(result);
  } catch (error) {
    throw new Error(`${bench.spec(array).dtype} to ${target}: ${error instanceof Error ? error.message : error}`);
  }
  await bench.free(result);
}
