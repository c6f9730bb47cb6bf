import { groupMoves, type NameChange } from './group-moves.ts';
import type { HdfLink, HdfObject } from './model.ts';
import { type ObjectPaths, splitPath } from './object-paths.ts';

/** What happens to the names of a file. */
export interface NameChanges {
  /** Every tensor that the file has, those that keep their names too. */
  readonly present: readonly NameChange[];
  readonly added: readonly { readonly name: string; readonly object: HdfObject }[];
  /** Groups that keep their names, whatever becomes of the tensors in them: others lead to them by name. */
  readonly fixed: ReadonlySet<string>;
}

/** Gives every tensor its new name: groups go with all that they hold, come where names need them, and go when empty. */
export function renameObjects(paths: ObjectPaths, { present, added, fixed }: NameChanges): void {
  const moves = possibleMoves(paths, groupMoves(present), fixed);
  const placed = (path: string): string => {
    // Where a name stands once the groups above it have moved.
    for (let at = splitPath(path).parent; at !== ''; at = splitPath(at).parent) {
      const to = moves.get(at);
      if (to !== undefined) return to + path.slice(at.length);
    }
    return path;
  };
  const tensors = present.filter(({ from, to }) => to === null || placed(from) !== to);
  const detached: { readonly to: string; readonly link: HdfLink }[] = [];
  for (const { from, to } of tensors) {
    const link = paths.detach(from);
    if (to !== null) detached.push({ to, link });
  }
  const groups = [...moves].filter(([from, to]) => placed(from) !== to);
  // Deepest first, while those above are where they were.
  const taken = groups
    .toSorted(([a], [b]) => b.length - a.length)
    .map(([from, to]) => ({ to, link: paths.detach(from) }));
  const emptied = [...tensors.map(({ from }) => from), ...groups.map(([from]) => from)];
  const kept = new Set([
    ...fixed,
    ...groupsAbove([...present.map(({ to }) => to ?? ''), ...added.map(({ name }) => name)]),
  ]);
  for (const from of emptied) paths.prune(splitPath(from).parent, kept);
  for (const { to, link } of taken.toSorted((a, b) => a.to.length - b.to.length)) paths.attach(to, link);
  for (const { to, link } of detached) paths.attach(to, link);
  for (const { name, object } of added) paths.attach(name, { object, soft: null, stored: null });
  for (const from of emptied) paths.prune(splitPath(placed(from)).parent, kept);
}

function groupsAbove(names: readonly string[]): Set<string> {
  const groups = new Set<string>();
  for (const name of names) {
    for (let at = splitPath(name).parent; at !== '' && !groups.has(at); at = splitPath(at).parent) groups.add(at);
  }
  return groups;
}

/** Without those of groups that must stay, and those to a place where another group stays. */
function possibleMoves(
  paths: ObjectPaths,
  wanted: ReadonlyMap<string, string>,
  fixed: ReadonlySet<string>,
): Map<string, string> {
  const moves = new Map([...wanted].filter(([from]) => !fixed.has(from)));
  for (let before = -1; before !== moves.size; ) {
    before = moves.size;
    for (const [from, to] of moves) if (!moves.has(to) && paths.find(to)) moves.delete(from);
  }
  return moves;
}
