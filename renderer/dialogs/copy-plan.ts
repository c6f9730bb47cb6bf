import { dtypeOf, type Listing, shapeOf } from '../api/listing.ts';
import { formatShape } from '../format/numbers.ts';

/** What tensors meet in the document that they are copied into. */
export interface CopyPlan {
  readonly fresh: readonly string[];
  /** Names that the target has already. */
  readonly colliding: readonly Collision[];
}

export interface Collision {
  readonly name: string;
  /** `float32 [2, 3]`. */
  readonly copied: string;
  readonly held: string;
}

export function copyPlan(source: Listing, ids: readonly number[], target: Listing): CopyPlan {
  const wanted = new Set(ids);
  const held = new Map(target.names.map((name, position) => [name, position]));
  const fresh: string[] = [];
  const colliding: Collision[] = [];
  source.names.forEach((name, position) => {
    if (!wanted.has(source.ids[position] ?? -1)) return;
    const there = held.get(name);
    if (there === undefined) fresh.push(name);
    else colliding.push({ name, copied: kindOf(source, position), held: kindOf(target, there) });
  });
  return { fresh, colliding };
}

function kindOf(listing: Listing, position: number): string {
  return `${dtypeOf(listing, position)} ${formatShape(shapeOf(listing, position))}`;
}
