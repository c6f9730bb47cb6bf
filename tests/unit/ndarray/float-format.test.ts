import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloat, encodeFloat, FLOAT_FORMATS, type SmallFloat } from '../../../core/ndarray/float-format.ts';

const NAMES = Object.keys(FLOAT_FORMATS) as SmallFloat[];
const BITS: Record<SmallFloat, number> = {
  float4_e2m1fn: 4,
  f6_e2m3: 6,
  f6_e3m2: 6,
  float8_e4m3fn: 8,
  float8_e4m3fnuz: 8,
  float8_e5m2: 8,
  float8_e5m2fnuz: 8,
  float8_e8m0fnu: 8,
  float16: 16,
  bfloat16: 16,
};

function codesOf(name: SmallFloat): number[] {
  return Array.from({ length: 2 ** BITS[name] }, (_, code) => code);
}

test.each(NAMES)('every code of %s survives decode and encode; NaN stays NaN', (name) => {
  const format = FLOAT_FORMATS[name];
  const broken = codesOf(name).filter((code) => {
    const value = decodeFloat(format, code);
    const again = encodeFloat(format, value);
    return Number.isNaN(value) ? !Number.isNaN(decodeFloat(format, again)) : again !== code;
  });
  expect(broken).toEqual([]);
});

test.each(NAMES)('encoding to %s gives the nearest value, the even code in a tie', (name) => {
  const format = FLOAT_FORMATS[name];
  const rounded = (value: number) => decodeFloat(format, encodeFloat(format, value)) + 0;
  const finite = codesOf(name)
    .map((code) => ({ code, value: decodeFloat(format, code) }))
    .filter(({ code, value }) => Number.isFinite(value) && !(value === 0 && code !== 0))
    .sort((a, b) => a.value - b.value);
  for (let i = 1; i < finite.length; i++) {
    const [low, high] = [finite[i - 1]!, finite[i]!];
    const middle = (low.value + high.value) / 2;
    const even = low.code % 2 === 0 ? low : high;
    const nudge = (high.value - low.value) / 1024;
    const tie = name === 'float8_e8m0fnu' ? high.value : even.value;
    expect(rounded(middle), `tie of ${low.value} and ${high.value}`).toBe(tie);
    expect(rounded(middle - nudge)).toBe(low.value);
    expect(rounded(middle + nudge)).toBe(high.value);
  }
});

test.each([
  ['float16', 65504, 0x7bff],
  ['float16', 65519.99, 0x7bff],
  ['float16', 65520, 0x7c00],
  ['float16', -1e300, 0xfc00],
  ['bfloat16', 3.4e38, 0x7f80],
  ['float8_e5m2', 57344, 0x7b],
  ['float8_e5m2', 61440, 0x7c],
  ['float8_e4m3fn', 448, 0x7e],
  ['float8_e4m3fn', 464, 0x7e],
  ['float8_e4m3fn', 464.1, 0x7f],
  ['float8_e4m3fn', Number.NEGATIVE_INFINITY, 0xff],
  ['float8_e4m3fnuz', 240, 0x7f],
  ['float8_e4m3fnuz', 1000, 0x80],
  ['float8_e4m3fnuz', -0, 0],
  ['float8_e4m3fnuz', -1e-9, 0],
  ['float8_e5m2fnuz', Number.POSITIVE_INFINITY, 0x80],
  ['float8_e8m0fnu', 1, 127],
  ['float8_e8m0fnu', 0, 0xff],
  ['float8_e8m0fnu', -2, 0xff],
  ['float8_e8m0fnu', 1e-300, 0],
  ['float8_e8m0fnu', 1e300, 0xff],
  ['float4_e2m1fn', 100, 0x7],
  ['float16', 2 ** -25, 0],
  ['float16', 2 ** -25 + 2 ** -40, 1],
] as const)('%s of %d is code %i, by the rules of ml_dtypes', (name, value, code) => {
  expect(encodeFloat(FLOAT_FORMATS[name], value)).toBe(code);
});

test('bfloat16 is the upper half of float32, rounded once', () => {
  const view = new DataView(new ArrayBuffer(4));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), (code) => {
      view.setUint32(0, code * 0x10000);
      expect(decodeFloat(FLOAT_FORMATS.bfloat16, code)).toBe(view.getFloat32(0));
    }),
  );
});

test('rounding is monotonic', () => {
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), fc.double({ noNaN: true }), fc.double({ noNaN: true }), (name, a, b) => {
      fc.pre(name !== 'float8_e8m0fnu' || (a > 0 && b > 0));
      const format = FLOAT_FORMATS[name];
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((x) => decodeFloat(format, encodeFloat(format, x)));
      fc.pre(!Number.isNaN(low) && !Number.isNaN(high));
      expect(low!).toBeLessThanOrEqual(high!);
    }),
  );
});
