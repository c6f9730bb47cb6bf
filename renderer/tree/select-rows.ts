import type { Selection } from '../store/selection.ts';
import { type TreeRow, tensorsBelow } from './flatten.ts';

export interface SelectRequest {
  readonly from: number;
  readonly to: number;
  readonly mode: 'one' | 'range' | 'toggle';
}

export interface SelectContext {
  readonly rows: readonly TreeRow[];
  readonly ids: Uint32Array;
  readonly before: Selection | undefined;
}

/** What is selected after a click or key; a group stands for all tensors below it. */
export function selectRows({ from, to, mode }: SelectRequest, { rows, ids, before }: SelectContext): Selection {
  const chosen = idsOf(
    mode === 'range' ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : rows.slice(to, to + 1),
    ids,
  );
  if (mode !== 'toggle') return selectionOf(chosen);
  const merged = new Set(before?.ids);
  const remove = chosen.every((id) => merged.has(id));
  for (const id of chosen) {
    if (remove) merged.delete(id);
    else merged.add(id);
  }
  return selectionOf([...merged]);
}

function idsOf(rows: readonly TreeRow[], ids: Uint32Array): number[] {
  return rows.flatMap(({ node }) => tensorsBelow(node)).map((position) => ids[position] ?? -1);
}

/** One tensor is shown; of several, only what they have in common is. */
function selectionOf(chosen: readonly number[]): Selection {
  const ids = new Set(chosen);
  const [only = null] = ids;
  return { ids, shown: ids.size === 1 ? only : null };
}
