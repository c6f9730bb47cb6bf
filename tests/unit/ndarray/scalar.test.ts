import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidArgumentError, UnsupportedDTypeError } from '../../../core/errors.ts';
import { DTYPES, type DType, isPacked } from '../../../core/ndarray/dtype.ts';
import {
  decodeElement,
  decodeScalar,
  encodeScalar,
  formatElement,
  scalarToJSON,
} from '../../../core/ndarray/scalar.ts';

const roundTrip = (text: string, dtype: DType) => decodeScalar(encodeScalar(text, dtype), 0, dtype);
const unpacked = DTYPES.filter((dtype) => !isPacked(dtype));

test.each([
  ['3', 'int8', 3],
  ['-128', 'int8', -128],
  ['255', 'uint8', 255],
  ['1e3', 'int16', 1000],
  ['2.50e1', 'int16', 25],
  ['-0', 'int32', 0],
  ['-0', 'float32', -0],
  ['true', 'float16', 1],
  ['true', 'bool', true],
  ['0', 'bool', false],
  ['-9223372036854775808', 'int64', -9223372036854775808n],
  ['18446744073709551615', 'uint64', 18446744073709551615n],
  ['9007199254740993', 'int64', 9007199254740993n],
  ['.5', 'float64', 0.5],
  ['NaN', 'float32', Number.NaN],
  ['-Infinity', 'bfloat16', Number.NEGATIVE_INFINITY],
  ['1e-3', 'float64', 1e-3],
  ['0.1', 'float16', 0.0999755859375],
  ['1e6', 'float16', Number.POSITIVE_INFINITY],
  ['1e6', 'float8_e4m3fn', Number.NaN],
  ['1e6', 'float8_e5m2', Number.POSITIVE_INFINITY],
  ['1e6', 'float8_e4m3fnuz', Number.NaN],
] as const)('"%s" as %s reads back as %s', (text, dtype, value) => {
  expect(roundTrip(text, dtype)).toBe(value);
});

test.each([
  ['1+2j', [1, 2]],
  ['(1-0.5j)', [1, -0.5]],
  ['2j', [0, 2]],
  ['-1e3', [-1000, 0]],
  ['nan-infj', [Number.NaN, Number.NEGATIVE_INFINITY]],
  ['1-j', [1, -1]],
])('complex64 takes "%s"', (text, value) => {
  expect(roundTrip(text, 'complex64')).toEqual(value);
  expect(roundTrip(text, 'complex128')).toEqual(value);
});

test.each([
  ['128', 'int8', '128 is out of the range of int8, -128 to 127.'],
  ['-1', 'uint32', '-1 is out of the range of uint32, 0 to 4294967295.'],
  [
    '9223372036854775808',
    'int64',
    '9223372036854775808 is out of the range of int64, -9223372036854775808 to 9223372036854775807.',
  ],
  ['1.5', 'int32', '"1.5" is not a whole number of a size that int32 can hold.'],
  ['1e400', 'int32', '"1e400" is not a whole number of a size that int32 can hold.'],
  ['1e999999999', 'int64', '"1e999999999" is not a whole number of a size that int64 can hold.'],
  ['nan', 'uint8', '"nan" has no place among integers: uint8 holds whole numbers.'],
  ['three', 'int32', '"three" is no number: int32 holds whole numbers.'],
  ['', 'int32', '"" is no number: int32 holds whole numbers.'],
  ['2', 'bool', '"2" is no truth value: bool takes true, false, 1 or 0.'],
  ['1,5', 'float32', '"1,5" is no number: float32 takes numbers such as 3, -0.5, 1e-3, nan or -inf.'],
  ['1+2j', 'float32', '"1+2j" is complex: float32 takes numbers such as 3, -0.5, 1e-3, nan or -inf.'],
  ['1+2k', 'complex64', '"1+2k" is no number: complex64 takes numbers such as 3, -0.5j or 1+2j.'],
] as const)('"%s" is refused by %s: %s', (text, dtype, message) => {
  expect(() => encodeScalar(text, dtype)).toThrow(new InvalidArgumentError(message));
});

test.each(DTYPES.filter(isPacked))('single elements of %s cannot be encoded', (dtype) => {
  expect(() => encodeScalar('1', dtype)).toThrow(UnsupportedDTypeError);
});

test('packed elements lie from the lowest bit up', () => {
  expect([0, 1, 2, 3].map((i) => decodeElement(Uint8Array.of(0x21, 0xf7), i, 'float4_e2m1fn'))).toEqual([
    0.5, 1, 6, -6,
  ]);
  const sixes = Uint8Array.of(0b01_000001, 0b0011_0000, 0b000100_00);
  expect([0, 1, 2, 3].map((i) => decodeElement(sixes, i, 'f6_e2m3'))).toEqual([0.125, 0.125, 0.375, 0.5]);
});

test('the text of an element reads back as the same bytes, in every dtype', () => {
  fc.assert(
    fc.property(fc.constantFrom(...unpacked), fc.uint8Array({ minLength: 16, maxLength: 16 }), (dtype, bytes) => {
      const value = decodeScalar(bytes, 0, dtype);
      const text = formatElement(value, dtype);
      fc.pre(!(dtype === 'float8_e8m0fnu' && text === 'nan'));
      expect(roundTrip(text, dtype)).toEqual(value);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [0.0999755859375, 'float16', '0.1'],
  [0.10000000149011612, 'float32', '0.1'],
  [0.1, 'float64', '0.1'],
  [16777216, 'float32', '16777216'],
  [-0, 'bfloat16', '-0'],
  [Number.NaN, 'float32', 'nan'],
  [[1, -0.5], 'complex64', '1-0.5j'],
  [[0, Number.NaN], 'complex128', '0+nanj'],
  [18446744073709551615n, 'uint64', '18446744073709551615'],
  [true, 'bool', 'true'],
] as const)('%s of %s is written %s', (value, dtype, text) => {
  expect(formatElement(value, dtype)).toBe(text);
});

test('JSON carries 64-bit integers and non-finite numbers as strings', () => {
  expect(scalarToJSON(5n)).toBe('5');
  expect(scalarToJSON(1.5)).toBe(1.5);
  expect(scalarToJSON([Number.NaN, Number.NEGATIVE_INFINITY])).toEqual(['NaN', '-Infinity']);
  expect(scalarToJSON(Number.POSITIVE_INFINITY)).toBe('Infinity');
});
