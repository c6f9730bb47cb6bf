import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesFor, type DType, dtypeInfo } from '../../../core/ndarray/dtype.ts';
import { encodeFloat, FLOAT_FORMATS, isSmallFloat } from '../../../core/ndarray/float-format.ts';
import { decodeElement, type ScalarValue } from '../../../core/ndarray/scalar.ts';
import { bytesOf, HOLDABLE_DTYPES, openRuntime, wholeElements } from './runtimes.ts';

const runtime = openRuntime();

/** The cast of one element by the words of the contract, one element at a time. */
function expectedElement(value: ScalarValue, to: DType): ScalarValue {
  const { kind, bits } = dtypeInfo(to);
  const parts: readonly (number | bigint | boolean)[] = Array.isArray(value) ? value : [value as number, 0];
  if (kind === 'complex') return [toFloat(parts[0]!, bits / 2), toFloat(parts[1]!, bits / 2)] as const;
  if (kind === 'bool') return parts.some((part) => Number(part) !== 0);
  if (kind === 'float') return isSmallFloat(to) ? toSmallFloat(parts[0]!, to) : toFloat(parts[0]!, bits);
  if (kind === 'quantized') throw new TypeError(`${to} has no elements.`);
  return toInteger(parts[0]!, kind, bits);
}

function toFloat(value: number | bigint | boolean, bits: number): number {
  if (bits === 64) return Number(value);
  return typeof value === 'bigint' ? nearestFloat32(value) : Math.fround(Number(value));
}

/** By trying the neighbours, with exact distances. */
function nearestFloat32(value: bigint): number {
  const guess = new Float32Array([Number(value)]);
  const bits = new Uint32Array(guess.buffer);
  const candidates = [-1, 0, 1].map((step) => {
    const moved = Uint32Array.of(bits[0]! + step);
    return { even: moved[0]! % 2 === 0, value: new Float32Array(moved.buffer)[0]! };
  });
  const distance = (x: number): bigint => {
    const difference = BigInt(x) - value;
    return difference < 0n ? -difference : difference;
  };
  const near = candidates.filter((candidate) => Number.isInteger(candidate.value));
  near.sort((a, b) => Number(distance(a.value) - distance(b.value)) || Number(b.even) - Number(a.even));
  return near[0]!.value;
}

function toSmallFloat(value: number | bigint | boolean, to: DType): number {
  if (!isSmallFloat(to)) throw new Error(`${to} is no small float`);
  // 64 bits down to at most 8 significant ones: a number with a sticky last bit rounds the same.
  const exact = typeof value === 'bigint' ? sticky(value) : Number(value);
  const code = encodeFloat(FLOAT_FORMATS[to], exact);
  const bytes = bytesFor(to, 1) === 1 ? Uint8Array.of(code) : bytesOf(Uint16Array.of(code));
  return decodeElement(bytes, 0, to) as number;
}

function sticky(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const cut = magnitude >> 32n;
  const kept = magnitude < 2n ** 53n ? magnitude : (cut | (cut << 32n === magnitude ? 0n : 1n)) << 32n;
  return Number(value < 0n ? -kept : kept);
}

function toInteger(value: number | bigint | boolean, kind: 'int' | 'uint', bits: number): number | bigint {
  const low = kind === 'int' ? -(2n ** BigInt(bits - 1)) : 0n;
  const high = 2n ** BigInt(kind === 'int' ? bits - 1 : bits) - 1n;
  let whole: bigint;
  if (typeof value === 'bigint') whole = value;
  else if (Number.isNaN(Number(value))) whole = 0n;
  else if (Number(value) === Infinity) whole = high;
  else if (Number(value) === -Infinity) whole = low;
  else whole = BigInt(Math.trunc(Number(value)));
  const clamped = whole < low ? low : whole > high ? high : whole;
  return bits === 64 ? clamped : Number(clamped);
}

function elements(bytes: Uint8Array, dtype: DType): ScalarValue[] {
  return Array.from({ length: bytes.length / bytesFor(dtype, 1) }, (_, i) => decodeElement(bytes, i, dtype));
}

test.each(HOLDABLE_DTYPES)('P-047: %s casts to every dtype in one rounding, saturating, NaN to 0', async (from) => {
  const numbers = from === 'float64' ? fc.double() : from === 'float32' ? fc.float() : null;
  const random = numbers
    ? fc
        .array(fc.oneof(numbers, fc.double({ min: -70000, max: 70000 }), fc.integer()), { maxLength: 50 })
        .map((values) => bytesOf(from === 'float64' ? Float64Array.from(values) : Float32Array.from(values)))
    : fc.uint8Array({ maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(random, fc.constantFrom(...HOLDABLE_DTYPES), async (raw, to) => {
      const bytes = wholeElements(from, raw);
      // Bytes of a bool other than 0 and 1 are kept, and mean true to all that compute.
      const source = elements(from === 'bool' ? bytes.map((byte) => Math.min(byte, 1)) : bytes, from);
      const array = runtime.fromBytes({ shape: [source.length], dtype: from, bytes });
      const cast = await array.asType(to).bytes();
      if (to === from) expect(cast).toEqual(bytes);
      else expect(elements(cast, to)).toEqual(source.map((value) => expectedElement(value, to)));
    }),
    { numRuns: 150 },
  );
});

test('a float64 halfway between two float16 but for its last bit is not rounded twice', async () => {
  const above = 1 + 2 ** -11 + 2 ** -40;
  const array = runtime.fromBytes({ shape: [1], dtype: 'float64', bytes: bytesOf(Float64Array.of(above)) });
  expect(await array.asType('float16').data()).toEqual(Float32Array.of(1 + 2 ** -10));
});

test('an int64 just above halfway between two float32 rounds up', async () => {
  const value = 2n ** 60n + 2n ** 36n + 1n;
  const array = runtime.fromBytes({ shape: [1], dtype: 'int64', bytes: bytesOf(BigInt64Array.of(value)) });
  expect(await array.asType('float32').data()).toEqual(Float32Array.of(2 ** 60 + 2 ** 37));
});
