import { InvalidStateError, NotFoundError } from '../errors.ts';
import type { Document, Workspace } from './contract.ts';
import { parseQuery, queryOf, termNeedsStatistics } from './query/parse.ts';
import { printQuery } from './query/print.ts';
import type { Query, Term } from './query/query.ts';
import { selectTensors } from './query/select-tensors.ts';
import type { Scanner } from './scan/scanner.ts';

interface FindWork {
  readonly scanner: Scanner;
  readonly runTask: Workspace['runTask'];
}

/**
 * Ids of the tensors, as they are now, that an edit of what `text` finds is about.
 *
 * @throws InvalidArgumentError for what is no query.
 * @throws NotFoundError where nothing meets it, saying which condition leaves nothing.
 * @throws InvalidStateError where it cannot be told of a tensor, because it cannot be read.
 */
export async function findTensors(
  document: Document,
  text: string,
  { scanner, runTask }: FindWork,
): Promise<readonly number[]> {
  const query = parseQuery(text);
  const { name, totals } = document.summary();
  const spec = { title: `Search ${name}`, document: document.id, total: query.needsStatistics ? totals.bytes : 0 };
  const { tensors, failures } = await runTask(spec, (task) => selectTensors(document, query, { scanner, ...task }));
  const [failure] = failures;
  if (failure) {
    throw new InvalidStateError(
      `Whether ${failures.length === 1 ? 'a tensor meets' : `${failures.length} tensors meet`} the query cannot be told: ${failure.message}`,
    );
  }
  if (tensors.length === 0) throw await nothingFound(document, query, scanner);
  return tensors;
}

/** Conditions are held against the tensors one after the other, those that need no statistics first. */
async function nothingFound(document: Document, query: Query, scanner: Scanner): Promise<NotFoundError> {
  const structure = query.terms.filter((term) => !termNeedsStatistics(term));
  const text = printQuery(query);
  let left = document.listing().ids.length;
  for (const [i, term] of structure.entries()) {
    const met = await selectTensors(document, queryOf(structure.slice(0, i + 1)), { scanner });
    if (met.tensors.length === 0) return excluding(document, text, { left, term });
    left = met.tensors.length;
  }
  const rest = printQuery(queryOf(query.terms.filter(termNeedsStatistics)));
  return new NotFoundError(`Nothing meets '${text}': of ${plural(left)} that could, none is ${rest}.`, { query: text });
}

function excluding(
  document: Document,
  text: string,
  { left, term }: { readonly left: number; readonly term: Term },
): NotFoundError {
  const total = document.listing().ids.length;
  const before =
    left === total ? `the ${plural(total)}` : `${plural(left)} of ${total} that meet what stands before it`;
  return new NotFoundError(`Nothing meets '${text}': '${printQuery(queryOf([term]))}' excludes ${before}.`, {
    query: text,
  });
}

function plural(count: number): string {
  return count === 1 ? '1 tensor' : `${count} tensors`;
}
