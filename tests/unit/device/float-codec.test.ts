import { expect, test } from 'vitest';
import { narrowFloats, roundFloats, widenFloats } from '../../../core/ndarray/codec/float-codec.ts';
import type { ByteFloat } from '../../../core/ndarray/codec/float-tables.ts';
import { bytesFor } from '../../../core/ndarray/dtype.ts';
import { decodeFloat, encodeFloat, FLOAT_FORMATS } from '../../../core/ndarray/float-format.ts';

const BYTE_FLOATS: readonly ByteFloat[] = [
  'float16',
  'bfloat16',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e5m2',
  'float8_e5m2fnuz',
  'float8_e8m0fnu',
];

function codesFor(dtype: ByteFloat, count: number): Uint8Array | Uint16Array {
  return bytesFor(dtype, 1) === 1 ? new Uint8Array(count) : new Uint16Array(count);
}

function allCodes(dtype: ByteFloat): Uint8Array | Uint16Array {
  return codesFor(dtype, bytesFor(dtype, 1) === 1 ? 256 : 65_536).map((_, code) => code);
}

/** Every value, the middle between it and the next, and the float32 on either side of that. */
function hardCases(dtype: ByteFloat): Float32Array {
  const format = FLOAT_FORMATS[dtype];
  const values = [...new Set(Array.from(allCodes(dtype), (code) => decodeFloat(format, code)))];
  const sorted = Float32Array.from(values.filter(Number.isFinite)).sort();
  const middles = sorted.map((value, i) => (value + (sorted[i + 1] ?? value * 1.5)) / 2);
  const bits = new Uint32Array(middles.buffer);
  const near = [...bits].flatMap((middle) => [middle - 1, middle, middle + 1]);
  const specials = [0, -0, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-45, -1e-45];
  return Float32Array.from([...specials, ...sorted, ...new Float32Array(Uint32Array.from(near).buffer)]);
}

test.each(BYTE_FLOATS)('%s: every code widens to its value', (dtype) => {
  const codes = allCodes(dtype);
  const bits = new Uint32Array(codes.length);
  widenFloats(dtype, codes, bits);
  const values = Array.from(codes, (code) => decodeFloat(FLOAT_FORMATS[dtype], code));
  expect(new Float32Array(bits.buffer)).toEqual(Float32Array.from(values));
});

test.each(BYTE_FLOATS)('%s: values, midpoints and their neighbours narrow as one element at a time', (dtype) => {
  const cases = hardCases(dtype).filter((value) => !Number.isNaN(value));
  const codes = codesFor(dtype, cases.length);
  narrowFloats(dtype, new Uint32Array(cases.buffer), codes);
  const expected = codesFor(dtype, cases.length);
  cases.forEach((value, i) => {
    expected[i] = encodeFloat(FLOAT_FORMATS[dtype], value);
  });
  expect(codes).toEqual(expected);
});

test('NaNs stay NaN whatever their payload, and keep their sign where the format has one', () => {
  const nans = Uint32Array.of(0x7f800001, 0xff800001, 0x7fc00000, 0xffffffff);
  for (const dtype of BYTE_FLOATS) {
    const bits = nans.slice();
    roundFloats(dtype, bits);
    expect([...new Float32Array(bits.buffer)].every(Number.isNaN)).toBe(true);
    const { specials } = FLOAT_FORMATS[dtype];
    if (specials === 'ieee' || specials === 'fn') expect([...bits].map((word) => word >>> 31)).toEqual([0, 1, 0, 1]);
  }
});
