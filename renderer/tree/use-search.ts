import { useEffect, useRef, useState } from 'react';
import { client } from '../api/client.ts';
import { failureOf, isCancelled } from '../api/errors.ts';
import type { DocumentSummary, FindEvent } from '../contract.ts';
import { useSettled } from '../ui/use-settled.ts';
import { visibleTensors } from './visible-tensors.ts';

/** Between two keys of one word. */
const SETTLE_MS = 150;

/** A query that the host answers. */
export interface Search {
  /** What it found, so far or in all, by id; null while nothing is known. A query that is none leaves what was found before. */
  readonly found: ReadonlySet<number> | null;
  readonly running: boolean;
  readonly reading: FindEvent['reading'];
  /** What is wrong with the query, or why it ended. */
  readonly problem: string | null;
  /** Ends the reading and keeps what was found. */
  readonly stop: () => void;
}

type Answer = Omit<Search, 'stop'>;

const NOTHING: Answer = { found: null, running: false, reading: { done: 0, total: 0 }, problem: null };

/**
 * Asks the host for the tensors that meet `query` (null for none), and again when the document changes. Another
 * query, or none, cancels the one under way.
 */
export function useSearch({ id, revision }: DocumentSummary, query: string | null): Search {
  const [answer, setAnswer] = useState(NOTHING);
  const settled = useSettled(query, SETTLE_MS);
  const stop = useRef(() => {});
  const last = useRef({ query: '', revision });

  useEffect(() => {
    if (settled === null) {
      setAnswer(NOTHING);
      return;
    }
    const found = new Set<number>();
    const isRepeated = last.current.query === settled && last.current.revision !== revision;
    last.current = { query: settled, revision };
    const put = (change: Partial<Answer>): void => setAnswer((before) => ({ ...before, ...change }));
    put({ running: true, problem: null, reading: NOTHING.reading });
    const search = client.scans.find.subscribe(
      { document: id, query: settled, first: visibleTensors(id) },
      {
        onData: ({ tensors, reading, end }) => {
          for (const tensor of tensors) found.add(tensor);
          // The same rows once more do not come one by one.
          const isShown = end !== null || !isRepeated;
          put({ reading, running: end === null, problem: problemOf(end), ...(isShown && { found: new Set(found) }) });
        },
        onError: (error) => put({ running: false, problem: isCancelled(error) ? STOPPED : failureOf(error).message }),
      },
    );
    stop.current = () => {
      search.unsubscribe();
      put({ running: false, problem: STOPPED });
    };
    return () => search.unsubscribe();
  }, [id, revision, settled]);

  const current = query === null ? NOTHING : answer;
  return { ...current, stop: () => stop.current() };
}

const STOPPED = 'Stopped before all values were read.';

function problemOf(end: FindEvent['end']): string | null {
  if (end === null || end.failed === 0) return null;
  const rest = end.failed === 1 ? 'One tensor' : `${end.failed} tensors`;
  return `${rest} could not be read: ${end.failures[0]?.message ?? ''}`;
}
