import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '../../../core/workspace/plan/glob.ts';

test.each([
  ['layer.*.weight', 'layer.0.weight', true],
  ['layer.*.weight', 'layer.0.attn/q.weight', true],
  ['layer.*.weight', 'layer.0.bias', false],
  ['*', '', true],
  ['?', '', false],
  ['?', '😀', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['[a]', 'a', false],
  ['[a]', '[a]', true],
  ['weight', 'layer.weight', false],
])('%s against %s is %s', (glob, text, expected) => {
  expect(matchesGlob(glob, text)).toBe(expected);
});

test('matches as the regular expression that the glob stands for', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(glob, text, (pattern, name) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${source}$`).test(name));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern of many stars ends', () => {
  expect(matchesGlob(`${'*a'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
});
