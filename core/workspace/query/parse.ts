import { nearestName } from '../state/nearest-name.ts';
import { type Item, QueryCursor } from './cursor.ts';
import { dtypeNamed } from './dtype-names.ts';
import { FIELD_SPELLINGS, FIELDS, type FieldName, fieldNamed, isStatistic } from './fields.ts';
import { parsePattern } from './parse-pattern.ts';
import { parseShape } from './parse-shape.ts';
import { parseQuantity } from './quantity.ts';
import { OPERATORS, type Operator, type Query, type Term } from './query.ts';
import { queryError, type Span } from './query-error.ts';

/** Longer than anything that is typed; patterns and alternatives stay few. */
const MOST_CHARACTERS = 4096;

/**
 * Reads a query: words that are parts of names, and conditions, all of which a tensor has to meet.
 *
 * - `attn`, `"with space"`: in the name, in any case; with `*` or `?` the whole name
 * - `name:*.weight`: the whole name as globs of edits have it, in this case; `name:"a*b"` literally
 * - `/q_proj|k_proj/`, with `i` behind it in any case: a JavaScript regular expression (`\s` for a space)
 * - `dtype:bf16`, `dtype:float8`, `dtype:q4*`; `shape:4096` (some axis), `shape:4096x*`, `shape:[4096]`
 * - `size>100MB`, `rank>=3`, and every other field of `FIELDS`, with `> < >= <= = != :`
 *
 * A minus before it negates a condition; commas are alternatives (`dtype:f16,bf16`). Where a tensor has no
 * such value (no finite elements), only `=nan` is met, and `!=` of a number is not: `-mean=0` includes it.
 *
 * @throws InvalidArgumentError that says what is wrong; its details have the `start` and `end` of it.
 */
export function parseQuery(text: string): Query {
  if (text.length > MOST_CHARACTERS) {
    throw queryError(`A query has at most ${MOST_CHARACTERS} characters.`, {
      start: MOST_CHARACTERS,
      end: text.length,
    });
  }
  const cursor = new QueryCursor(text);
  const terms: Term[] = [];
  while (cursor.nextWord()) terms.push(parseTerm(cursor));
  return queryOf(terms);
}

export function queryOf(terms: readonly Term[]): Query {
  return { terms, needsStatistics: terms.some(termNeedsStatistics) };
}

export function termNeedsStatistics(term: Term): boolean {
  return term.kind === 'comparison' && isStatistic(term.field);
}

interface Condition {
  readonly key: string;
  readonly operator: string;
  readonly negated: boolean;
  /** Of the key with its operator. */
  readonly span: Span;
}

function parseTerm(cursor: QueryCursor): Term {
  const negated = cursor.takeMinus();
  const start = cursor.position;
  const key = cursor.takeKey(isKey);
  if (!key) return { negated, ...parsePattern(cursor.takeWord()) };
  const condition = {
    key: key.name.toLowerCase(),
    operator: key.operator,
    negated,
    span: { start, end: cursor.position },
  };
  if (condition.key === 'name') return nameTerm(condition, cursor);
  const items = cursor.takeAlternatives();
  if (condition.key === 'dtype') return dtypeTerm(condition, items);
  if (condition.key === 'shape') return { kind: 'shape', shapes: items.map(parseShape), negated: negates(condition) };
  return comparisonTerm(condition, items);
}

/** `kernel:0` is a name of TensorFlow's; what compares, and what is nearly a field, is a condition. */
function isKey(name: string, operator: string): boolean {
  const key = name.toLowerCase();
  if (key === 'name' || key === 'dtype' || key === 'shape' || fieldNamed(key) !== null) return true;
  return operator !== ':' || nearestKey(key) !== null;
}

function nearestKey(key: string): string | null {
  return nearestName(key, ['name', 'dtype', 'shape', ...FIELD_SPELLINGS]);
}

function nameTerm(condition: Condition, cursor: QueryCursor): Term {
  const negated = negates(condition);
  const expression = cursor.takeExpression();
  if (expression) return { negated, ...parsePattern(expression) };
  const names = cursor.takeAlternatives().map((item) => {
    if (item.text === '') throw queryError('name: wants a name or a glob, as in name:*.weight.', condition.span);
    return { text: item.text, literal: item.quoted };
  });
  return { kind: 'name', names, negated };
}

function dtypeTerm(condition: Condition, items: readonly Item[]): Term {
  const dtypes = items.map(({ text, start, end }) => {
    if (text === '') throw queryError('dtype: wants a name, as in dtype:bf16.', condition.span);
    const name = dtypeNamed(text);
    if (name === null)
      throw queryError(`There is no dtype '${text}'; bf16, float32, i8 and q4_k are some.`, { start, end });
    return name;
  });
  return { kind: 'dtype', dtypes, negated: negates(condition) };
}

/** Of what is or is not so: `dtype!=f16` is `-dtype:f16`. */
function negates({ key, operator, negated, span }: Condition): boolean {
  if (operator === '!=') return !negated;
  if (operator === ':' || operator === '=' || operator === '==') return negated;
  throw queryError(`${key} has no order: write ${key}: or ${key}!= instead of ${key}${operator}.`, span);
}

function comparisonTerm({ key, operator: written, negated, span }: Condition, items: readonly Item[]): Term {
  const field = fieldNamed(key);
  if (field === null) {
    const near = nearestKey(key);
    const hint = near === null ? `These are: ${Object.keys(FIELDS).join(', ')}.` : `Did you mean ${near}?`;
    throw queryError(`There is no field '${key}'. ${hint} To look for it in names, put it in quotes.`, span);
  }
  const operator = OPERATORS.find((known) => known === written) ?? '=';
  const values = items.map((item) => valueOfItem(item, { field, operator, span }));
  if (values.length > 1 && operator !== '=' && operator !== '!=') {
    throw queryError(`${field}${operator} compares with one number; several go with : and != alone.`, span);
  }
  return { kind: 'comparison', field, operator, values, negated };
}

interface Compared {
  readonly field: FieldName;
  readonly operator: Operator;
  readonly span: Span;
}

const EXAMPLES = { bytes: 'size>100MB', count: 'zeros>=1k', share: 'sparsity>50%', value: 'std<1e-6' } as const;

function valueOfItem(item: Item, { field, operator, span }: Compared): number {
  const { unit } = FIELDS[field];
  const value = item.quoted ? null : parseQuantity(item.text, unit);
  if (value === null) {
    const given = item.text === '' ? 'nothing' : `'${item.text}'`;
    throw queryError(
      `${field} compares with a number, as in ${EXAMPLES[unit]}, not with ${given}.`,
      item.text === '' ? span : item,
    );
  }
  if (Number.isNaN(value) && operator !== '=' && operator !== '!=') {
    throw queryError(
      `nan has no order: ${field}:nan finds tensors without a ${field}, ${field}!=nan those with one.`,
      span,
    );
  }
  return value;
}
