import { useDeferredValue, useMemo } from 'react';
import type { ComparisonRow } from '../contract.ts';
import type { Comparison } from '../store/comparisons.ts';
import { rowsToShow } from './rows.ts';

/** The rows in view, sorted anew when the window has time for it: thousands may come at once. */
export function useShownRows({ rows, view }: Comparison): readonly ComparisonRow[] {
  const { filter, hidden, sort } = view;
  const wanted = useDeferredValue(useMemo(() => ({ rows, filter, hidden, sort }), [rows, filter, hidden, sort]));
  return useMemo(() => rowsToShow(wanted.rows, wanted), [wanted]);
}
