import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { UnsupportedDTypeError } from '../../../core/errors.ts';
import { bytesFor, DTYPES, isPacked } from '../../../core/ndarray/dtype.ts';
import { bytesOf, HOLDABLE_DTYPES, openRuntime, wholeElements } from './runtimes.ts';

const runtime = openRuntime();
const EIGHT_BIT = HOLDABLE_DTYPES.filter((dtype) => bytesFor(dtype, 1) === 1);
const SIXTEEN_BIT = HOLDABLE_DTYPES.filter((dtype) => bytesFor(dtype, 1) === 2);

describe('bytes that were uploaded read back bit for bit, NaN payloads included', () => {
  test.each(EIGHT_BIT)('all 256 codes of %s', async (dtype) => {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
    const array = runtime.fromBytes({ shape: [256], dtype, bytes: codes });
    expect(await array.bytes()).toEqual(codes);
  });

  test.each(SIXTEEN_BIT)('all 65,536 codes of %s', async (dtype) => {
    const codes = bytesOf(Uint16Array.from({ length: 65_536 }, (_, code) => code));
    const array = runtime.fromBytes({ shape: [65_536], dtype, bytes: codes });
    expect(Buffer.compare(await array.bytes(), codes)).toBe(0);
  });

  test.each(HOLDABLE_DTYPES)('random bytes of %s, whole and in part, after a copy too', async (dtype) => {
    const width = bytesFor(dtype, 1);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(25), async (random, start) => {
        const bytes = wholeElements(dtype, random);
        const count = bytes.length / width;
        const array = runtime.fromBytes({ shape: [count], dtype, bytes });
        const copy = array.copyTo(cpu(1));
        const first = Math.min(start, count);
        expect(await array.bytes()).toEqual(bytes);
        expect(await copy.bytes()).toEqual(bytes);
        expect(await copy.bytes({ start: first, count: count - first })).toEqual(bytes.slice(first * width));
        array.dispose();
        copy.dispose();
      }),
      { numRuns: 25 },
    );
  });
});

test('signaling NaNs of float32 and float64 keep their bits', async () => {
  const float32 = bytesOf(Uint32Array.of(0x7f800001, 0xff812345));
  const float64 = bytesOf(BigUint64Array.of(0x7ff0000000000001n, 0xfff123456789abcdn));
  expect(await runtime.fromBytes({ shape: [2], dtype: 'float32', bytes: float32 }).bytes()).toEqual(float32);
  expect(await runtime.fromBytes({ shape: [2], dtype: 'float64', bytes: float64 }).bytes()).toEqual(float64);
});

test('chunks may arrive in any order and at any element', async () => {
  const values = Float32Array.from({ length: 10 }, (_, i) => i / 3);
  const array = runtime.zeros({ shape: [2, 5], dtype: 'float32' });
  runtime.upload(array, { dtype: 'float32', offset: 7, bytes: bytesOf(values.slice(7)) });
  runtime.upload(array, { dtype: 'float32', offset: 0, bytes: bytesOf(values.slice(0, 7)) });
  expect(await array.data()).toEqual(values);
});

test('a view into a larger buffer is copied, not taken along', async () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  const array = runtime.zeros({ shape: [2], dtype: 'uint8' });
  runtime.upload(array, { dtype: 'uint8', offset: 0, bytes: whole.subarray(1, 3) });
  expect(await array.bytes()).toEqual(new Uint8Array([2, 3]));
  expect(whole).toEqual(new Uint8Array([1, 2, 3, 4]));
});

test('data() gives numbers in the typed array that fits the dtype', async () => {
  const halves = runtime.fromBytes({ shape: [2], dtype: 'float16', bytes: bytesOf(Uint16Array.of(0x3c00, 0xc000)) });
  const longs = runtime.fromBytes({ shape: [1], dtype: 'int64', bytes: bytesOf(BigInt64Array.of(-(2n ** 62n))) });
  const shorts = runtime.fromBytes({ shape: [2], dtype: 'int16', bytes: bytesOf(Int16Array.of(-3, 4)) });
  const complex = runtime.fromBytes({ shape: [1], dtype: 'complex64', bytes: bytesOf(Float32Array.of(1.5, -2)) });
  expect(await halves.data()).toEqual(Float32Array.of(1, -2));
  expect(await longs.data()).toEqual(BigInt64Array.of(-(2n ** 62n)));
  expect(await shorts.data()).toEqual(Int16Array.of(-3, 4));
  expect(await complex.data()).toEqual(Float32Array.of(1.5, -2));
});

test('scalars and empty arrays are arrays', async () => {
  const scalar = runtime.fromBytes({ shape: [], dtype: 'float64', bytes: bytesOf(Float64Array.of(2.5)) });
  const empty = runtime.zeros({ shape: [3, 0], dtype: 'bfloat16' });
  expect([scalar.size, await scalar.norm()]).toEqual([1, 2.5]);
  expect([empty.size, await empty.norm(), await empty.bytes()]).toEqual([0, 0, new Uint8Array(0)]);
});

test.each(DTYPES.filter(isPacked))('%s packs elements and is refused with the way out', (dtype) => {
  expect(() => runtime.zeros({ shape: [8], dtype })).toThrow(UnsupportedDTypeError);
  expect(() => runtime.zeros({ shape: [8], dtype })).toThrow(/: cast it /);
});
