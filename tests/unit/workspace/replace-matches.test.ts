import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replaceMatches } from '../../../core/workspace/plan/replace-matches.ts';

test.each([
  ['a.b.c', /\./g, '/', 'a/b/c'],
  ['layers.12.w', /layers\.(\d+)/g, 'blocks.$1', 'blocks.12.w'],
  ['ab', /(?<first>a)(b)/g, '$<first>$2$$$&', 'ab$ab'],
  ['weight', /.*/g, 'x', 'x'],
  ['weight', /^/g, 'model.', 'model.weight'],
  ['ab', /(a)|(b)/g, '[$1$2]', '[a][b]'],
  ['a', /(a)/g, '$1$2$12', 'a$2a2'],
])('%s by %s to %s', (name, pattern, template, expected) => {
  expect(replaceMatches(name, pattern, template)).toBe(expected);
});

test('agrees with String.replace wherever no match is empty', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '1'), maxLength: 20 });
  const pattern = fc.constantFrom('a+', '(a)(b)', '\\.', '(\\d)|(b)', '(?<x>a)b?');
  const template = fc.string({ unit: fc.constantFrom('$', '1', '2', '&', 'z', '$$', '$<x>', '<'), maxLength: 6 });
  fc.assert(
    fc.property(name, pattern, template, (text, source, replacement) => {
      const expression = new RegExp(source, 'g');
      // $` and $' are not offered: they would paste parts of names that the user did not match.
      expect(replaceMatches(text, expression, replacement)).toBe(text.replace(expression, replacement));
    }),
    { numRuns: 2000 },
  );
});
