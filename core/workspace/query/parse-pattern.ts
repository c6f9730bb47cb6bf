import type { Item } from './cursor.ts';
import type { NameTerm } from './query.ts';
import { queryError } from './query-error.ts';

/** A word that stands by itself: a part of names, a wildcard, or a regular expression between slashes. */
export function parsePattern(item: Item): NameTerm {
  const { text, quoted, start, end } = item;
  if (quoted) return { kind: 'text', text };
  const [, source, flags] = /^\/(.+)\/(i?)$/.exec(text) ?? [];
  if (source === undefined) return /[*?]/.test(text) ? { kind: 'wildcard', glob: text } : { kind: 'text', text };
  const problem = problemOf(source);
  if (problem !== null) throw queryError(problem, { start, end });
  return { kind: 'pattern', source, ignoreCase: flags === 'i' };
}

function problemOf(source: string): string | null {
  try {
    new RegExp(source);
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.message}.` : String(error);
  }
}
