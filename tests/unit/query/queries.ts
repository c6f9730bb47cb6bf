import fc from 'fast-check';
import { DTYPES } from '../../../core/ndarray/dtype.ts';
import { elementCount } from '../../../core/ndarray/shape.ts';
import { FIELDS, type FieldName } from '../../../core/workspace/query/fields.ts';
import { queryOf } from '../../../core/workspace/query/parse.ts';
import { OPERATORS, type Query, type TensorFacts, type Term } from '../../../core/workspace/query/query.ts';
import type { ScalarStats } from '../../../core/workspace/scan/scalar-stats.ts';

/** Names of few letters, so that parts of one are found in others. */
const name = fc.string({ unit: fc.constantFrom('a', 'B', '.', '*', '?', ' ', '"', '\\', ',', '-', '/'), maxLength: 6 });
const glob = fc.string({ unit: fc.constantFrom('a', 'B', '.', '*', '?'), minLength: 1, maxLength: 4 });
const size = fc.nat({ max: 3 });
const limit = fc
  .oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN))
  .map((x) => x + 0);

const comparison = fc
  .tuple(
    fc.constantFrom(...(Object.keys(FIELDS) as FieldName[])),
    fc.constantFrom(...OPERATORS),
    fc.array(limit, { minLength: 1, maxLength: 3 }),
  )
  .filter(([, operator, [only]]) => operator === '=' || operator === '!=' || !Number.isNaN(only))
  .map(([field, operator, values]) => ({
    kind: 'comparison' as const,
    field,
    operator,
    values: operator === '=' || operator === '!=' ? values : values.slice(0, 1),
  }));

const condition: fc.Arbitrary<Term extends infer T ? (T extends Term ? Omit<T, 'negated'> : never) : never> = fc.oneof(
  name.map((text) => ({ kind: 'text' as const, text })),
  glob.filter((text) => /[*?]/.test(text)).map((text) => ({ kind: 'wildcard' as const, glob: text })),
  fc
    .array(
      fc
        .oneof(
          name.map((text) => ({ text, literal: true })),
          glob.map((text) => ({ text, literal: false })),
        )
        .filter(({ text }) => text !== ''),
      { minLength: 1, maxLength: 3 },
    )
    .map((names) => ({ kind: 'name' as const, names })),
  fc
    .constantFrom('a', '^a|B$', '[^.]+', 'a{1,2}')
    .chain((source) => fc.boolean().map((ignoreCase) => ({ kind: 'pattern' as const, source, ignoreCase }))),
  fc
    .array(fc.constantFrom(...DTYPES, 'float8', 'q4*', '*int*'), { minLength: 1, maxLength: 3 })
    .map((dtypes) => ({ kind: 'dtype' as const, dtypes })),
  fc
    .array(
      fc.oneof(
        size.map((axis) => ({ axis })),
        fc.array(fc.option(size), { maxLength: 3 }).map((axes) => ({ axes })),
      ),
      { minLength: 1, maxLength: 2 },
    )
    .map((shapes) => ({ kind: 'shape' as const, shapes })),
  comparison,
);

const term: fc.Arbitrary<Term> = fc
  .tuple(condition, fc.boolean())
  .map(([met, negated]) => ({ ...met, negated }) as Term);

export const anyQuery: fc.Arbitrary<Query> = fc.array(term, { maxLength: 4 }).map(queryOf);

const figure = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

const anyStatistics: fc.Arbitrary<ScalarStats> = fc
  .record({
    min: figure,
    max: figure,
    mean: figure,
    std: figure,
    l1: figure,
    l2: figure,
    zeros: fc.nat(3),
    nans: fc.nat(3),
    infs: fc.nat(3),
    negatives: fc.option(fc.nat(3)),
    sparsity: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    distinct: fc.option(fc.nat(3)),
    anyFinite: fc.boolean(),
  })
  .map(({ anyFinite, ...found }) => ({
    count: 3,
    ...found,
    ...(!anyFinite && { min: null, max: null, mean: null, std: null }),
  }));

export const anyFacts: fc.Arbitrary<TensorFacts> = fc
  .record({
    name,
    dtype: fc.constantFrom(...DTYPES),
    shape: fc.array(size, { maxLength: 3 }),
    statistics: anyStatistics,
  })
  .map((facts) => ({ ...facts, bytes: elementCount(facts.shape) * 2 }));
