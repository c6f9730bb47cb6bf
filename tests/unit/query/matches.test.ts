import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '../../../core/workspace/plan/glob.ts';
import type { FIELDS } from '../../../core/workspace/query/fields.ts';
import { matches, type PatternMatches } from '../../../core/workspace/query/matches.ts';
import { parseQuery } from '../../../core/workspace/query/parse.ts';
import type { Query, TensorFacts, Term } from '../../../core/workspace/query/query.ts';
import { anyFacts, anyQuery } from './queries.ts';

/** The language once more, as its description reads: slow, and by other means. */
function meetsSlowly(facts: TensorFacts, term: Term): boolean {
  const { name, dtype, shape } = facts;
  switch (term.kind) {
    case 'text':
      return name.toUpperCase().split(term.text.toUpperCase()).length > 1 || term.text === '';
    case 'wildcard':
      return globExpression(term.glob, 'is').test(name);
    case 'name':
      return term.names.some(
        ({ text, literal }) => name === text || (!literal && globExpression(text, 's').test(name)),
      );
    case 'pattern':
      return new RegExp(term.source, term.ignoreCase ? 'i' : '').test(name);
    case 'dtype':
      return term.dtypes.some((wanted) => [wanted, `${wanted}_*`].some((glob) => matchesGlob(glob, dtype)));
    case 'shape':
      return term.shapes.some((pattern) =>
        'axis' in pattern
          ? shape.some((size) => size === pattern.axis)
          : JSON.stringify(shape.map((size, axis) => (pattern.axes[axis] === null ? null : size))) ===
            JSON.stringify(pattern.axes),
      );
    case 'comparison': {
      const value = numbersOf(facts)[term.field];
      const holds = term.values.map((limit) => comparesSlowly(value, term.operator, limit));
      return term.operator === '!=' ? holds.every(Boolean) : holds.some(Boolean);
    }
  }
}

function globExpression(glob: string, flags: string): RegExp {
  const parts = [...glob].map((character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return new RegExp(`^${parts.join('')}$`, `${flags}u`);
}

function numbersOf({ shape, bytes, statistics }: TensorFacts): Record<keyof typeof FIELDS, number | null> {
  if (!statistics) throw new Error('no statistics');
  const { min, max } = statistics;
  return {
    ...statistics,
    size: bytes,
    rank: shape.length,
    elements: shape.reduce((product, size) => product * size, 1),
    range: min === null || max === null ? null : max - min,
    absmax: min === null || max === null ? null : Math.abs(min) > Math.abs(max) ? Math.abs(min) : Math.abs(max),
  };
}

function comparesSlowly(value: number | null, operator: string, limit: number): boolean {
  if (value === null) return operator === '=' && Number.isNaN(limit);
  const sign = Math.sign(value === limit ? 0 : value > limit ? 1 : value < limit ? -1 : Number.NaN);
  const ways = { '>': [1], '<': [-1], '>=': [0, 1], '<=': [0, -1], '=': [0], '!=': [-1, 1, Number.NaN] };
  return ways[operator as keyof typeof ways].includes(sign);
}

function patternsOf(query: Query, name: string): PatternMatches {
  return new Map(
    query.terms.flatMap((term) =>
      term.kind === 'pattern'
        ? [[term, new Set(new RegExp(term.source, term.ignoreCase ? 'i' : '').test(name) ? [name] : [])] as const]
        : [],
    ),
  );
}

test('a tensor matches what a plain reading of the query says', () => {
  fc.assert(
    fc.property(anyQuery, anyFacts, (query, facts) => {
      const expected = query.terms.every((term) => meetsSlowly(facts, term) !== term.negated);
      expect(matches(query, facts, patternsOf(query, facts.name))).toBe(expected);
    }),
    { numRuns: 5000 },
  );
});

const facts: TensorFacts = {
  name: 'model.layers.0.Norm.weight',
  dtype: 'float8_e4m3fn',
  shape: [4096, 3],
  bytes: 12_288,
  statistics: {
    count: 12_288,
    min: null,
    max: null,
    mean: null,
    std: null,
    l1: 0,
    l2: 0,
    zeros: 0,
    nans: 12_288,
    infs: 0,
    negatives: 0,
    sparsity: 0,
    distinct: 1,
  },
};

test.each([
  ['', true],
  ['norm WEIGHT', true],
  ['*norm.weight', true],
  ['name:*norm.weight', false],
  ['name:*Norm.weight', true],
  ['name:"*Norm.weight"', false],
  ['dtype:f8', true],
  ['dtype:float*', true],
  ['shape:4096', true],
  ['shape:4096x*', true],
  ['shape:[4096]', false],
  ['shape:*x*x*', false],
  ['size>=12k', true],
  ['rank=1,2', true],
  ['rank!=1,2', false],
  ['mean>0', false],
  ['mean!=0', false],
  ['-mean=0', true],
  ['mean=nan', true],
  ['mean!=nan', false],
  ['l2!=nan', true],
  ['absmax:nan,3', true],
  ['nans>0 sparsity<1%', true],
])('%s: %s', (text, expected) => {
  expect(matches(parseQuery(text), facts)).toBe(expected);
});

test('what is not known is not guessed', () => {
  expect(() => matches(parseQuery('std<1'), { ...facts, statistics: null })).toThrow('was not computed');
  expect(() => matches(parseQuery('/a/'), facts)).toThrow('was not looked for');
});
