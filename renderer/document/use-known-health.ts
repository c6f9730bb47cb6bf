import { useEffect } from 'react';
import { recallHealth } from '../actions/health.ts';
import type { DocumentSummary } from '../contract.ts';
import { useHealth } from '../store/health.ts';
import { useSettled } from '../ui/use-settled.ts';

/** Edits often come several in a row. */
const SETTLE_MS = 500;

/** Keeps what earlier scans found in step with the document. */
export function useKnownHealth({ id, revision }: DocumentSummary): void {
  const state = `${id}/${revision}`;
  const isSettled = useSettled(state, SETTLE_MS) === state;
  const { running } = useHealth(id);
  useEffect(() => {
    if (isSettled && !running) recallHealth(id);
  }, [id, isSettled, running]);
}
