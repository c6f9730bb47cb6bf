import { quoted } from './cursor.ts';
import { formatQuantity } from './quantity.ts';
import type { NamePattern, Query, ShapePattern, Term } from './query.ts';

/** Text that `parseQuery` reads as the same query. */
export function printQuery({ terms }: Query): string {
  return terms.map((term) => (term.negated ? '-' : '') + printTerm(term)).join(' ');
}

function printTerm(term: Term): string {
  switch (term.kind) {
    case 'text':
      return /^[\p{L}\p{N}_.]+$/u.test(term.text) ? term.text : quoted(term.text);
    case 'wildcard':
      return term.glob;
    case 'name':
      return `name:${term.names.map(printName).join()}`;
    case 'pattern':
      return `/${term.source}/${term.ignoreCase ? 'i' : ''}`;
    case 'dtype':
      return `dtype:${term.dtypes.join()}`;
    case 'shape':
      return `shape:${term.shapes.map(printShape).join()}`;
    case 'comparison':
      return term.field + term.operator + term.values.map(formatQuantity).join();
  }
}

function printName({ text, literal }: NamePattern): string {
  return literal ? quoted(text) : text;
}

function printShape(shape: ShapePattern): string {
  return 'axis' in shape ? String(shape.axis) : `[${shape.axes.map((size) => size ?? '*').join()}]`;
}
