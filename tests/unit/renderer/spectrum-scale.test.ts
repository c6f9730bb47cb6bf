import { describe, expect, it } from 'vitest';
import type { Spectrum } from '../../../renderer/contract.ts';
import { cumulativeEnergy, heightOf, rangeOf, valueTicks } from '../../../renderer/tensor/spectrum-scale.ts';

function spectrumOf(values: readonly number[], frobenius = Math.hypot(...values)): Spectrum {
  return {
    rows: values.length,
    columns: values.length,
    method: 'exact',
    values,
    errors: values.map(() => 0),
    frobenius,
    captured: null,
    stableRank: null,
    effectiveRank: null,
    rank90: null,
    rank99: null,
    numericalRank: null,
    condition: null,
  };
}

describe('the plot of a spectrum', () => {
  it('adds up the energy, to all of it where all values are there', () => {
    expect(cumulativeEnergy(spectrumOf([4, 3]))).toEqual([expect.closeTo(0.64), 1]);
    expect(cumulativeEnergy(spectrumOf([4, 3], 10))).toEqual([expect.closeTo(0.16), expect.closeTo(0.25)]);
    expect(cumulativeEnergy(spectrumOf([3e200, 4e-200], 3e200))).toEqual([1, 1]);
    expect(cumulativeEnergy(spectrumOf([0, 0]))).toEqual([0, 0]);
  });

  it('spans the values above rounding, and has none of a matrix of zeros', () => {
    expect(rangeOf(spectrumOf([8, 2, 1, 1e-30, 0]))).toEqual([1, 8]);
    expect(rangeOf(spectrumOf([4]))).toEqual([2, 8]);
    expect(rangeOf(spectrumOf([0, 0]))).toBeNull();
  });

  it('rises by the logarithm', () => {
    expect([1, 10, 100, 0, 1e9].map((value) => heightOf(value, [1, 100]))).toEqual([0, 0.5, 1, 0, 1]);
  });

  it('has ticks at powers of ten, or between them where there are few', () => {
    expect(valueTicks([0.001, 20])).toEqual([0.001, 0.01, 0.1, 1, 10]);
    expect(valueTicks([0.15, 6])).toEqual([0.2, 0.5, 1, 2, 5]);
    // Too narrow for any.
    expect(valueTicks([3, 4])).toEqual([3, 4]);
  });
});
