import { describe, expect, test } from 'vitest';
import type { SavePlan } from '../../../core/workspace/summary.ts';
import { describeFile, describeRoom, isWorthAsking } from '../../../renderer/format/save-plan.ts';

const SMALL: SavePlan = {
  format: 'safetensors',
  action: 'copy-and-patch',
  files: [],
  bytesToWrite: 1000,
  newBytes: 4,
  diskNeeded: 1000,
  diskFree: 5000,
  fits: true,
  inPlace: true,
  notInPlace: null,
  losses: [],
  notes: [],
  shared: [],
  quantized: [],
};

describe('a save is worth a word before it begins', () => {
  test.each([
    ['a small patch', {}, false],
    ['much to write', { bytesToWrite: 1e9 }, true],
    ['no room', { fits: false }, true],
    ['metadata that is lost', { losses: ['MXNet files hold no metadata.'] }, true],
    ['a tie that ends', { shared: [{ name: 'a', with: ['b'], stays: false, bytes: 4 }] }, true],
    ['a tie that stays', { shared: [{ name: 'a', with: ['b'], stays: true, bytes: 0 }] }, false],
  ])('%s', (_name, change, expected) => {
    expect(isWorthAsking({ ...SMALL, ...change })).toBe(expected);
  });
});

test('says what happens to a file, and what room there is', () => {
  const file = { name: 'm', size: 2000, newBytes: 500, copiedBytes: 1500 };
  expect(describeFile({ ...file, action: 'rewrite' })).toBe('is rewritten: 2.00 kB, of which 1.50 kB are copied');
  expect(describeFile({ ...file, action: 'patch-in-place' })).toBe('500 B are patched in place');
  expect(describeRoom(SMALL)).toBe('1.00 kB of 5.00 kB free');
  expect(describeRoom({ ...SMALL, fits: false })).toMatch(/not enough/);
});
