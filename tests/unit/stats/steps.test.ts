import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFor, type DType, dtypeInfo, ELEMENT_DTYPES, isPacked } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor, TensorStep } from '../../../core/ndarray/lazy-tensor.ts';
import { castElement, decodeAll, type Element, sameElement } from './model.ts';
import { scratchEngine } from './scratch-engine.ts';
import { base64, bytesOf, random } from './support.ts';

const { scratch, engine } = scratchEngine(1);

/** Bit patterns of a dtype that say more than random ones: borders, halves, and everything near them. */
function tellingBytes(dtype: DType): Uint8Array {
  if (dtypeInfo(dtype).bits <= 8) return Uint8Array.from({ length: 256 }, (_, code) => code);
  if (dtypeInfo(dtype).bits === 16) return bytesOf(Uint16Array.from({ length: 13_107 }, (_, k) => k * 5));
  const next = random(7);
  if (dtype === 'float64' || dtype === 'complex128') return bytesOf(tellingNumbers(next));
  if (dtype === 'float32' || dtype === 'complex64') return bytesOf(Float32Array.from(tellingNumbers(next)));
  const integers = Array.from({ length: 2048 }, (_, k) => {
    const near = BigInt(Math.floor(next() * 5) - 2);
    return (1n << BigInt(k % 64)) + (k % 3 === 0 ? 1n << BigInt(Math.floor(next() * 64)) : near);
  });
  if (dtypeInfo(dtype).bits === 64) return bytesOf(BigUint64Array.from(integers, (x) => BigInt.asUintN(64, x)));
  return bytesOf(Uint32Array.from(integers, (x) => Number(BigInt.asUintN(32, x))));
}

/** Float64 values at and next to where narrower formats round. */
function tellingNumbers(next: () => number): Float64Array {
  const numbers = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, Number.MAX_VALUE];
  for (let k = 0; k < 4000; k++) {
    const exponent = Math.floor(next() * 300) - 150;
    const mantissa = 1 + Math.floor(next() * 2 ** 12) / 2 ** 12;
    const nudge = 1 + (Math.floor(next() * 3) - 1) * 2 ** -52;
    numbers.push((next() < 0.5 ? -1 : 1) * mantissa * nudge * 2 ** exponent);
  }
  for (let k = 0; k < 3000; k++) numbers.push(Math.round((next() - 0.5) * 1024) / 2 + (next() < 0.3 ? 2 ** 31 : 0));
  for (const power of [7, 8, 15, 16, 31, 32, 63, 64]) {
    for (const by of [-1, -0.5, 0, 0.5, 1]) numbers.push(2 ** power + by, -(2 ** power) + by);
  }
  if (numbers.length % 2 === 1) numbers.push(1);
  return Float64Array.from(numbers);
}

function tensorOf(dtype: DType, bytes: Uint8Array, steps: readonly TensorStep[]): LazyTensor {
  return scratch.tensor(dtype, [Math.floor((bytes.length * 8) / dtypeInfo(dtype).bits)], bytes, steps);
}

async function evaluate(tensor: LazyTensor, dtype: DType): Promise<Element[]> {
  const [count = 1] = tensor.shape;
  return decodeAll(dtype, await engine.read(tensor, 0, count), count);
}

function firstDifference(actual: readonly Element[], expected: readonly Element[], inputs: readonly Element[]) {
  const index = actual.findIndex((value, k) => !sameElement(value, expected[k]!));
  return index < 0 ? null : { index, input: inputs[index], actual: actual[index], expected: expected[index] };
}

describe('a cast', () => {
  for (const from of ELEMENT_DTYPES) {
    it(`from ${from} to every dtype rounds once, saturates and keeps NaN`, async () => {
      const bytes = tellingBytes(from);
      for (const to of ELEMENT_DTYPES) {
        const tensor = tensorOf(from, bytes, [{ kind: 'cast', dtype: to }]);
        const inputs = decodeAll(from, bytes, tensor.shape[0] ?? 0);
        const expected = from === to ? inputs : inputs.map((element) => castElement(element, to));
        expect({ to, ...firstDifference(await evaluate(tensor, to), expected, inputs) }).toEqual({ to });
      }
    });
  }

  it('to its own dtype keeps the bytes, NaN payloads included', async () => {
    const bytes = bytesOf(Uint32Array.of(0x7fc01234, 0xff801111, 0x7f800001, 1));
    const tensor = tensorOf('float32', bytes, [{ kind: 'cast', dtype: 'float32' }]);
    expect(Buffer.from(await engine.read(tensor, 0, 4)).equals(bytes)).toBe(true);
  });

  it('of 64-bit integers to float32 does not round twice', async () => {
    // Through float64 the first would round to the tie 2^60 + 2^36 and then down to even.
    const bytes = bytesOf(BigInt64Array.of((1n << 60n) + (1n << 36n) + 1n, -((1n << 60n) + (1n << 36n) + 1n)));
    const tensor = tensorOf('int64', bytes, [{ kind: 'cast', dtype: 'float32' }]);
    expect(await evaluate(tensor, 'float32')).toEqual([2 ** 60 + 2 ** 37, -(2 ** 60 + 2 ** 37)]);
  });
});

describe('scale', () => {
  async function scaled(dtype: DType, array: ArrayBufferView, factor: number): Promise<Element[]> {
    return evaluate(tensorOf(dtype, bytesOf(array), [{ kind: 'scale', factor }]), dtype);
  }

  it('multiplies in float64 and rounds to the dtype', async () => {
    const values = Float32Array.of(1, -3.5, 0.1, Number.NaN, Number.POSITIVE_INFINITY, 3e38, -0);
    const expected = Array.from(values, (x) => Math.fround(x * 1.7));
    expect(await scaled('float32', values, 1.7)).toEqual(expected);
  });

  it('rounds integers to nearest even and saturates', async () => {
    expect(await scaled('int8', Int8Array.of(1, 3, 5, -1, -3, 100, -100), 0.5)).toEqual([0, 2, 2, 0, -2, 50, -50]);
    expect(await scaled('int8', Int8Array.of(100, -100), 3)).toEqual([127, -128]);
    expect(await scaled('uint8', Uint8Array.of(3, 200), -1)).toEqual([0, 0]);
    expect(await scaled('int32', Int32Array.of(2 ** 30, 7), Number.NaN)).toEqual([0, 0]);
  });

  it('is exact for 64-bit integers and an integer factor', async () => {
    const values = BigInt64Array.of(2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n, -(2n ** 63n), 0n);
    const tripled = [3n * (2n ** 53n + 1n), -3n * (2n ** 53n + 1n), 2n ** 63n - 1n, -(2n ** 63n), 0n];
    expect(await scaled('int64', values, 3)).toEqual(tripled);
    expect(await scaled('int64', values, -1)).toEqual([-values[0]!, -values[1]!, -(2n ** 62n), 2n ** 63n - 1n, 0n]);
    expect(await scaled('int64', BigInt64Array.of(1n, -1n, 0n), 1e300)).toEqual([2n ** 63n - 1n, -(2n ** 63n), 0n]);
    expect(await scaled('uint64', BigUint64Array.of(2n ** 63n + 1n, 5n), 2)).toEqual([2n ** 64n - 1n, 10n]);
    expect(await scaled('uint64', BigUint64Array.of(1n), 2 ** 63)).toEqual([2n ** 63n]);
    expect(await scaled('uint64', BigUint64Array.of(1n, 0n), 2 ** 64)).toEqual([2n ** 64n - 1n, 0n]);
  });

  it('goes through float64 for 64-bit integers and a fraction', async () => {
    expect(await scaled('int64', BigInt64Array.of(5n, -5n, 2n ** 62n), 0.5)).toEqual([2n, -2n, 2n ** 61n]);
    expect(await scaled('uint64', BigUint64Array.of(7n), 0.5)).toEqual([4n]);
  });

  it('of bool is whether anything is left', async () => {
    expect(await scaled('bool', Uint8Array.of(0, 1, 1), 0.25)).toEqual([0, 1, 1]);
    expect(await scaled('bool', Uint8Array.of(0, 1), 0)).toEqual([0, 0]);
  });

  it('multiplies both parts of complex values', async () => {
    expect(await scaled('complex64', Float32Array.of(1, -2, 0, 4), 0.5)).toEqual([
      [0.5, -1],
      [0, 2],
    ]);
  });
});

describe('fill', () => {
  it('needs no file once it covers everything', async () => {
    const tensor = tensorOf('float32', new Uint8Array(40), [
      { kind: 'scale', factor: 2 },
      { kind: 'fill', element: base64(Float32Array.of(1.5)) },
      { kind: 'cast', dtype: 'float16' },
    ]);
    const gone = { ...tensor, region: { ...tensor.region, path: scratch.path() } };
    expect(await evaluate(gone, 'float16')).toEqual(new Array(10).fill(1.5));
  });

  it('takes elements of every size', async () => {
    for (const dtype of ELEMENT_DTYPES.filter((name) => !isPacked(name))) {
      const size = dtypeInfo(dtype).bits / 8;
      const element = Uint8Array.from({ length: size }, (_, k) => k + 1);
      const tensor = tensorOf(dtype, new Uint8Array(size * 1001), [{ kind: 'fill', element: base64(element) }]);
      const bytes = await engine.read(tensor, 0, 1001);
      expect(Buffer.from(bytes).equals(Buffer.alloc(size * 1001, element))).toBe(true);
    }
  });
});

describe('set', () => {
  /** Applies a set step to int32 values one element at a time. */
  function setModel(values: Int32Array, shape: readonly number[], step: Extract<TensorStep, { kind: 'set' }>): void {
    const data = Buffer.from(step.data, 'base64');
    const counts = step.ranges.map((range) => range.count);
    const total = counts.reduce((product, count) => product * count, 1);
    for (let k = 0; k < total; k++) {
      let rest = k;
      let position = 0;
      let stride = 1;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const { start, count, step: by } = step.ranges[axis]!;
        position += (start + (rest % count) * by) * stride;
        rest = Math.floor(rest / count);
        stride *= shape[axis]!;
      }
      values[position] = data.readInt32LE(data.length === 4 ? 0 : k * 4);
    }
  }

  const axisRange = (size: number) =>
    fc
      .record({ from: fc.nat(size - 1), to: fc.nat(size - 1), by: fc.integer({ min: 1, max: 4 }) })
      .map(({ from, to, by }) => ({
        start: from,
        count: Math.floor(Math.abs(to - from) / by) + 1,
        step: to < from ? -by : by,
      }));

  it('writes what NumPy would, strided, backwards and over chunk borders', async () => {
    const shapes = fc.constantFrom<number[][]>([90_000], [3, 40_000], [300, 7, 61], [2, 3, 4, 5], [1, 1], [70_000, 2]);
    const cases = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        ranges: fc.tuple(...shape.map((size) => axisRange(size))),
        one: fc.boolean(),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, ranges, one, part }) => {
        const total = shape.reduce((product, size) => product * size, 1);
        const values = Int32Array.from({ length: total }, (_, k) => k);
        const count = one ? 1 : ranges.reduce((product, range) => product * range.count, 1);
        const data = base64(Int32Array.from({ length: count }, (_, k) => -1 - k));
        const step = { kind: 'set', ranges, data } as const;
        const tensor = scratch.tensor('int32', shape, bytesOf(values), [step]);
        setModel(values, shape, step);
        const start = Math.floor(part * (total - 1));
        const bytes = await engine.read(tensor, start, total - start);
        expect(Buffer.compare(bytes, bytesOf(values.subarray(start)))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('sets a scalar tensor and leaves an empty slice alone', async () => {
    const nine = base64(Float64Array.of(9));
    const scalar = scratch.tensor('float64', [], new Uint8Array(8), [{ kind: 'set', ranges: [], data: nine }]);
    expect(decodeAll('float64', await engine.read(scalar, 0, 1), 1)).toEqual([9]);
    const none = { kind: 'set', ranges: [{ start: 0, count: 0, step: 1 }], data: nine } as const;
    expect(await evaluate(scratch.tensor('float64', [2], new Uint8Array(16), [none]), 'float64')).toEqual([0, 0]);
  });

  it('rounds after each step, in order', async () => {
    const values = Float32Array.of(1, 2, 3, 4);
    const tensor = tensorOf('float32', bytesOf(values), [
      { kind: 'scale', factor: 1 / 3 },
      { kind: 'cast', dtype: 'bfloat16' },
      { kind: 'set', ranges: [{ start: 3, count: 2, step: -2 }], data: base64(Uint16Array.of(0x3f80, 0x4000)) },
      { kind: 'scale', factor: 3 },
      { kind: 'cast', dtype: 'float32' },
    ]);
    const round = (x: number) => castElement(x, 'bfloat16') as number;
    const expected = [round(round(1 / 3) * 3), 6, round(round(1) * 3), 3];
    expect(await evaluate(tensor, 'float32')).toEqual(expected);
  });
});

describe('read', () => {
  it('gives any range of elements, and of packed dtypes groups of 8', async () => {
    const bytes = bytesOf(Uint8Array.from({ length: 96 }, (_, k) => k * 37));
    const half = tensorOf('float16', bytes, []);
    expect(Buffer.from(await engine.read(half, 5, 9)).equals(bytes.subarray(10, 28))).toBe(true);
    const six = tensorOf('f6_e2m3', bytes, []);
    expect(Buffer.from(await engine.read(six, 8, 16)).equals(bytes.subarray(6, 18))).toBe(true);
    expect(bytesFor('f6_e2m3', 16)).toBe(12);
    await expect(engine.read(six, 4, 8)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('begins anywhere in what was packed', async () => {
    for (const dtype of ['float4_e2m1fn', 'f6_e3m2'] as const) {
      const bytes = Uint8Array.from({ length: 60_000 }, (_, k) => (k * 89) % 251);
      const wide = tensorOf(dtype, bytes, [{ kind: 'cast', dtype: 'float32' }]);
      const [start, count] = [13, 70_001];
      const expected = decodeAll(dtype, bytes, start + count).slice(start);
      const actual = decodeAll('float32', await engine.read(wide, start, count), count);
      expect(firstDifference(actual, expected, expected)).toBeNull();
    }
  });

  it('gives no bytes for no elements', async () => {
    expect(await engine.read(scratch.tensor('float32', [0, 5], new Uint8Array(0)), 0, 0)).toHaveLength(0);
  });
});
