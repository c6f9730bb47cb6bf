import type { ComparisonEvent } from '../contract.ts';
import type { Comparison, GivenTolerance } from './comparisons.ts';

/** A comparison that begins again. Rows that are complete stay in view until others can take their place. */
export function begunAgain({ state, renewal }: Comparison, tolerance: GivenTolerance): Partial<Comparison> {
  const isComplete = state === 'done' || renewal !== null;
  return {
    state: 'running',
    problem: null,
    ...(isComplete ? { renewal: { tolerance, rows: [] } } : { tolerance, rows: [] }),
  };
}

/** What changes of a comparison with what is told of it. */
export function changeBy(event: ComparisonEvent, comparison: Comparison): Partial<Comparison> {
  const { rows, renewal } = comparison;
  switch (event.type) {
    case 'begun': {
      const { revisions, metadata } = event;
      if (isOf(revisions, comparison.revisions)) return { metadata };
      const tolerance = renewal?.tolerance ?? comparison.tolerance;
      return { revisions, metadata, tolerance, rows: [], renewal: null };
    }
    case 'found':
      return renewal
        ? { renewal: { ...renewal, rows: [...renewal.rows, ...event.rows] } }
        : { rows: [...rows, ...event.rows] };
    case 'done':
      return { state: 'done', ...renewal, renewal: null };
  }
}

/** Without all that was to be found anew, what was found before still holds. */
export function cancelled({ state, renewal }: Comparison): Partial<Comparison> {
  if (state !== 'running') return {};
  return renewal ? { state: 'done', renewal: null } : { state: 'cancelled' };
}

type Revisions = Comparison['revisions'];

function isOf(a: Revisions, b: Revisions): boolean {
  return a?.before === b?.before && a?.after === b?.after;
}
