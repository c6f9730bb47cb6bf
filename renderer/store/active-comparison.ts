import { type Comparison, useComparisons } from './comparisons.ts';
import { useDocuments } from './documents.ts';

/** The comparison whose tab is in view. */
export function useActiveComparison(): Comparison | null {
  const active = useDocuments((state) => state.active);
  return useComparisons(({ byId }) => (active === null ? null : (byId[active] ?? null)));
}
