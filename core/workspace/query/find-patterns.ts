import { runPattern } from '../plan/pattern-thread.ts';
import type { FindPatternReply, FindPatternRequest } from './find-pattern.worker.ts';
import type { PatternMatches } from './matches.ts';
import type { PatternTerm, Query } from './query.ts';

/**
 * Looks for every regular expression of a query in all names, on threads that end where one takes too long:
 * throws `InvalidArgumentError` then.
 */
export async function findPatterns(query: Query, names: readonly string[]): Promise<PatternMatches> {
  const found = new Map<PatternTerm, ReadonlySet<string>>();
  for (const term of query.terms) {
    if (term.kind !== 'pattern') continue;
    const request: FindPatternRequest = { names, pattern: term.source, ignoreCase: term.ignoreCase };
    const reply = await runPattern<FindPatternReply>(new URL('./find-pattern.worker.js', import.meta.url), request);
    found.set(term, new Set(reply.found));
  }
  return found;
}
