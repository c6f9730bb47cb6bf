import type { Shape } from '../../ndarray/shape.ts';
import { matchesGlob } from '../plan/glob.ts';
import { isOfDType } from './dtype-names.ts';
import { quantityOf } from './fields.ts';
import type { Operator, PatternTerm, Query, ShapePattern, TensorFacts, Term } from './query.ts';

/** The names in which each regular expression of a query is found, by its term: `findPatterns` makes them. */
export type PatternMatches = ReadonlyMap<PatternTerm, ReadonlySet<string>>;

const NO_PATTERNS: PatternMatches = new Map();

/**
 * Whether a tensor meets all terms of a query. Throws where that cannot be told: `facts` has no statistics
 * that the query needs, or `patterns` misses a regular expression of it.
 */
export function matches(query: Query, facts: TensorFacts, patterns: PatternMatches = NO_PATTERNS): boolean {
  return query.terms.every((term) => meets(term, facts, patterns) !== term.negated);
}

function meets(term: Term, facts: TensorFacts, patterns: PatternMatches): boolean {
  switch (term.kind) {
    case 'text':
      return facts.name.toLowerCase().includes(term.text.toLowerCase());
    case 'wildcard':
      return matchesGlob(term.glob.toLowerCase(), facts.name.toLowerCase());
    case 'name':
      return term.names.some(({ text, literal }) => (literal ? text === facts.name : matchesGlob(text, facts.name)));
    case 'pattern':
      return namesOf(term, patterns).has(facts.name);
    case 'dtype':
      return term.dtypes.some((name) => isOfDType(facts.dtype, name));
    case 'shape':
      return term.shapes.some((pattern) => hasShape(facts.shape, pattern));
    case 'comparison':
      return compares(quantityOf(term.field, facts), term.operator, term.values);
  }
}

function namesOf(term: PatternTerm, patterns: PatternMatches): ReadonlySet<string> {
  const names = patterns.get(term);
  if (!names) throw new Error(`/${term.source}/ was not looked for.`);
  return names;
}

function hasShape(shape: Shape, pattern: ShapePattern): boolean {
  if ('axis' in pattern) return shape.includes(pattern.axis);
  return (
    shape.length === pattern.axes.length && pattern.axes.every((size, axis) => size === null || size === shape[axis])
  );
}

function compares(value: number | null, operator: Operator, limits: readonly number[]): boolean {
  if (operator === '=') return limits.some((limit) => isSame(value, limit));
  if (operator === '!=') return limits.every((limit) => isOther(value, limit));
  const [limit] = limits;
  if (value === null || limit === undefined) return false;
  switch (operator) {
    case '>':
      return value > limit;
    case '<':
      return value < limit;
    case '>=':
      return value >= limit;
    case '<=':
      return value <= limit;
  }
}

function isSame(value: number | null, limit: number): boolean {
  return Number.isNaN(limit) ? value === null : value === limit;
}

/** A tensor without the value is not one whose value is another number. */
function isOther(value: number | null, limit: number): boolean {
  return value !== null && (Number.isNaN(limit) || value !== limit);
}
