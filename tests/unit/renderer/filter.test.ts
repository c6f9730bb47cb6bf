import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from '../../../core/workspace/query/parse.ts';
import { matchesWords, plainWords, positionsOf } from '../../../renderer/tree/filter.ts';

const NAMES = ['model.embed.weight', 'model.layers.0.attn.q.weight', 'model.layers.0.attn.q.bias', 'layers/0/Norm'];
const lowerNames = NAMES.map((name) => name.toLowerCase());

test.each([
  ['norm', ['layers/0/Norm']],
  ['ATTN weight', ['model.layers.0.attn.q.weight']],
  ['0.attn', ['model.layers.0.attn.q.weight', 'model.layers.0.attn.q.bias']],
  ['nothing', []],
])('%j finds %j', (text, names) => {
  const words = plainWords(text);
  expect([...matchesWords(lowerNames, words ?? [])].map((position) => NAMES[position])).toEqual(names);
});

test.each(['', '  ', 'attn', 'layers/0', 'a-b', '.weight'])('%j needs no host', (text) => {
  expect(plainWords(text)).not.toBeNull();
});

test.each(['-bias', '*.bias', 'dtype:f16', 'size>3', '"a b"', '/a/', 'a nans=0', 'kernel:0', '('])(
  '%j is a query for the host',
  (text) => {
    expect(plainWords(text)).toBeNull();
  },
);

test('what needs no host means the same to the host', () => {
  const unit = fc.constantFrom('a', 'B', 'é', '0', '_', '.', '/', '-', ' ', 'size', 'nan', 'i');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
      const words = plainWords(text);
      if (words === null) return;
      const { terms } = parseQuery(text);
      expect(terms.map((term) => term.kind === 'text' && !term.negated && term.text.toLowerCase())).toEqual(words);
    }),
    { numRuns: 2000 },
  );
});

test('what the host found is shown in document order', () => {
  expect([...positionsOf(Uint32Array.of(7, 3, 9, 4), new Set([4, 7, 100]))]).toEqual([0, 3]);
});
