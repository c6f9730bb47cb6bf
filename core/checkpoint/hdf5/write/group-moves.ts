import { partsOf } from './object-paths.ts';

/** A tensor of the file, and what becomes of its name; null where it is deleted. */
export interface NameChange {
  readonly from: string;
  readonly to: string | null;
}

interface Moving {
  /** Null once tensors under the group go to different places. */
  to: string | null;
}

/**
 * The groups that are renamed with all that they hold: every tensor under one has a new name that differs in the
 * same part of its path. What a group says of itself then goes with it. By their former paths.
 */
export function groupMoves(changes: readonly NameChange[]): Map<string, string> {
  const groups = new Map<string, Moving>();
  for (const { from, to } of changes) note(groups, partsOf(from), to === null ? null : partsOf(to));
  const targets = new Map<string, number>();
  for (const [from, { to }] of groups) {
    const target = to ?? from;
    targets.set(target, (targets.get(target) ?? 0) + 1);
  }
  const moves = new Map<string, string>();
  for (const [from, { to }] of groups) {
    // Where two groups become one, each keeps its place and the tensors move alone.
    if (to !== null && to !== from && targets.get(to) === 1) moves.set(from, to);
  }
  return moves;
}

function note(groups: Map<string, Moving>, from: readonly string[], to: readonly string[] | null): void {
  for (let depth = 1; depth < from.length; depth++) {
    const group = `/${from.slice(0, depth).join('/')}`;
    const target = to && to.length === from.length ? `/${to.slice(0, depth).join('/')}` : null;
    const known = groups.get(group);
    if (!known) groups.set(group, { to: target });
    else if (known.to !== target) known.to = null;
  }
}
