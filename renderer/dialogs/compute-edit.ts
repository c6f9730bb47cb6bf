import type { Edit } from '../contract.ts';
import { FieldError } from '../ui/field-problem.ts';

/** What expressions call the tensors of other documents: other, other2, … by document id. */
export function aliasesOf(documents: readonly string[]): ReadonlyMap<string, string> {
  return new Map(documents.map((id, i) => [id, i === 0 ? 'other' : `other${i + 1}`]));
}

/** The edit that sets the tensors to an expression; only documents that it speaks of are its sources. */
export function computeEdit(names: readonly string[], expression: string, aliases: ReadonlyMap<string, string>): Edit {
  if (expression.trim() === '') throw new FieldError('expression', 'Write an expression, such as x * 0.5.');
  const words = new Set(expression.replace(/"[^"]*"|'[^']*'/g, ' ').match(/[A-Za-z_]\w*/g));
  const used = [...aliases].filter(([, alias]) => words.has(alias));
  const [only] = names;
  const tensor = names.length === 1 && only !== undefined ? only : '{name}';
  return {
    kind: 'compute',
    select: [...names],
    expression: expression.trim(),
    sources: Object.fromEntries(used.map(([document, alias]) => [alias, { tensor, document }])),
  };
}
