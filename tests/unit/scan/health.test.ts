import { expect, test } from 'vitest';
import { findingsOf } from '../../../core/workspace/scan/health.ts';
import { scalars } from './support.ts';

test.each([
  ['ordinary values', {}, []],
  ['a NaN and an infinity', { nans: 1, infs: 2 }, ['nan', 'infinite']],
  ['zeros alone', { zeros: 8, min: 0, max: 0 }, ['zero']],
  ['one value', { min: 1, max: 1 }, ['constant']],
  ['one value and a NaN', { min: 1, max: 1, nans: 1 }, ['nan']],
  ['a single element', { count: 1, min: 1, max: 1 }, []],
  ['no elements', { count: 0, min: null, max: null }, []],
  ['complex values', { min: null, max: null }, []],
])('%s', (_what, change, findings) => {
  expect(findingsOf(scalars(8, { min: 0, max: 1, ...change }))).toEqual(findings);
});
