import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CellReader, formatFloat } from '../../../renderer/tensor/cell-format.ts';
import { areaOf, COPY_LIMIT, copyText } from '../../../renderer/tensor/copy-cells.ts';
import { shortestDecimal } from '../../../renderer/tensor/float-rounding.ts';

describe('values are printed with the fewest digits that their dtype reads back', () => {
  test.each([
    [Math.fround(0.1), 'q4_k', '0.1'],
    [Math.fround(1.779_773_8), 'iq2_xxs', '1.7797738'],
    [Math.fround(1 / 3), 'mxfp4', '0.33333334'],
    [Math.fround(0.1), 'float32', '0.1'],
    [Math.fround(1 / 3), 'float32', '0.33333334'],
    [0.1, 'float64', '0.1'],
    [0.100_097_656_25, 'bfloat16', '0.1'],
    [0.099_975_585_937_5, 'float16', '0.1'],
    [0.333_251_953_125, 'float16', '0.3333'],
    [0.101_562_5, 'float8_e4m3fn', '0.1'],
    [448, 'float8_e4m3fn', '448'],
    [2 ** -127, 'float8_e8m0fnu', '6e-39'],
    [2 ** -24, 'float16', '6e-8'],
    [2 ** -149, 'float32', '1e-45'],
    [(2 - 2 ** -23) * 2 ** 127, 'float32', '3.4028235e+38'],
    [65_504, 'float16', '65504'],
    [-2.5, 'int8', '-2.5'],
  ])('%d as %s: %s', (value, dtype, text) => {
    expect(shortestDecimal(value, dtype)).toBe(text);
  });

  test('every float32 reads back', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(formatFloat(value, 'float32')))).toBe(value);
      }),
      { numRuns: 20_000 },
    );
  });

  test('zero keeps its sign, and what is no number says so', () => {
    expect(
      [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((v) => formatFloat(v, 'float32')),
    ).toEqual(['0', '-0', 'NaN', 'inf', '-inf']);
  });
});

describe('blocks', () => {
  const cells = (
    dtype: ConstructorParameters<typeof CellReader>[0]['dtype'],
    encoding: 'float64' | 'int64' | 'uint64' | 'complex128',
    data: ArrayLike<number> | bigint[],
  ) => {
    const view =
      encoding === 'int64'
        ? BigInt64Array.from(data as bigint[])
        : encoding === 'uint64'
          ? BigUint64Array.from(data as bigint[])
          : Float64Array.from(data as ArrayLike<number>);
    const reader = new CellReader({ dtype, encoding, body: view.buffer as ArrayBuffer });
    return (i: number) => reader.at(i);
  };

  test('64-bit integers are exact', () => {
    expect(cells('int64', 'int64', [-(2n ** 63n)])(0)).toEqual({ text: '-9223372036854775808', tone: 'negative' });
    expect(cells('uint64', 'uint64', [2n ** 64n - 1n])(0)).toEqual({ text: '18446744073709551615', tone: 'plain' });
  });

  test('bools are words', () => {
    const at = cells('bool', 'float64', [0, 1]);
    expect([at(0).text, at(1).text]).toEqual(['false', 'true']);
  });

  test('complex numbers keep both parts and their signs', () => {
    const at = cells('complex64', 'complex128', [1, -2, 0, 0, Number.NaN, 1, 1, -0]);
    expect([0, 1, 2, 3].map((i) => at(i).text)).toEqual(['1-2j', '0+0j', 'NaN+1j', '1-0j']);
    expect(at(2).tone).toBe('nan');
  });

  test('tones tell zero, negative, NaN and infinite apart', () => {
    const at = cells('float32', 'float64', [0, -1, Number.NaN, Number.NEGATIVE_INFINITY, 2]);
    expect([0, 1, 2, 3, 4].map((i) => at(i).tone)).toEqual(['zero', 'negative', 'nan', 'infinite', 'plain']);
  });
});

describe('copying', () => {
  const source = {
    at: (row: number, column: number) => (row > 9 ? null : ({ text: `${row}:${column}`, tone: 'plain' } as const)),
  };

  test('an area becomes tab-separated values, whichever corner came first', () => {
    const area = areaOf({ row: 2, column: 1 }, { row: 1, column: 0 });
    expect(copyText(area, source)).toEqual({ text: '1:0\t1:1\n2:0\t2:1' });
  });

  test('cells that were not read are not copied as something else', () => {
    expect(copyText(areaOf({ row: 9, column: 0 }, { row: 10, column: 0 }), source)).toHaveProperty('problem');
  });

  test('too many cells are refused before any is read', () => {
    const area = areaOf({ row: 0, column: 0 }, { row: COPY_LIMIT, column: 0 });
    expect(copyText(area, { at: () => expect.unreachable() })).toHaveProperty('problem');
  });
});
