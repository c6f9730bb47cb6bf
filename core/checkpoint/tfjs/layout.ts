import type { StoredGroup, StoredWeight } from './tfjs-checkpoint.ts';

/** What becomes of the bytes of a weight. */
export type WeightFate =
  | { readonly kind: 'kept' }
  | { readonly kind: 'gone' }
  /** Other elements in the same places. */
  | { readonly kind: 'patched'; readonly tensor: number }
  /** `nbytes` of new elements, all in the file where the weight begins. */
  | { readonly kind: 'anew'; readonly tensor: number; readonly nbytes: number };

/** A run of a new file; the pieces of a file follow each other without gaps. */
export type ShardPiece =
  | { readonly kind: 'copy'; readonly to: number; readonly from: number; readonly nbytes: number }
  /** Bytes `[start, start + nbytes)` of the elements of a tensor. */
  | {
      readonly kind: 'values';
      readonly to: number;
      readonly tensor: number;
      readonly start: number;
      readonly nbytes: number;
    };

export interface ShardLayout {
  /** Index into `Checkpoint.files`. */
  readonly file: number;
  readonly pieces: readonly ShardPiece[];
  readonly size: number;
  /** Whether every byte that is copied stays where it was, and the size too. */
  readonly staysPut: boolean;
}

/**
 * What the files of a group consist of after an edit. Each weight stays in the file, or the files, that hold it;
 * one of another size goes whole into the first of them, so that the others stay as they are as far as they can.
 */
export function layoutGroup(group: StoredGroup, fateOf: (weight: StoredWeight) => WeightFate): ShardLayout[] {
  let start = 0;
  return group.sizes.map((size, index) => {
    const shard = { start, end: start + size };
    start += size;
    return { ...layoutShard(group, shard, fateOf), file: group.firstFile + index };
  });
}

interface Shard {
  readonly start: number;
  readonly end: number;
}

function layoutShard(
  group: StoredGroup,
  shard: Shard,
  fateOf: (weight: StoredWeight) => WeightFate,
): Omit<ShardLayout, 'file'> {
  const pieces: ShardPiece[] = [];
  let to = 0;
  for (const weight of weightsIn(group, shard)) {
    const from = Math.max(weight.start, shard.start);
    const nbytes = Math.min(weight.start + weight.nbytes, shard.end) - from;
    const fate = fateOf(weight);
    switch (fate.kind) {
      case 'kept':
        pieces.push({ kind: 'copy', to, from: from - shard.start, nbytes });
        to += nbytes;
        break;
      case 'patched':
        pieces.push({ kind: 'values', to, tensor: fate.tensor, start: from - weight.start, nbytes });
        to += nbytes;
        break;
      case 'anew':
        if (from !== weight.start) break;
        pieces.push({ kind: 'values', to, tensor: fate.tensor, start: 0, nbytes: fate.nbytes });
        to += fate.nbytes;
        break;
      case 'gone':
        break;
    }
  }
  const isCopied = pieces.every((piece) => piece.kind !== 'copy' || piece.from === piece.to);
  return { pieces, size: to, staysPut: isCopied && to === shard.end - shard.start };
}

/** The weights that have bytes in a file; those without any bytes are in none. */
function weightsIn({ weights }: StoredGroup, { start, end }: Shard): StoredWeight[] {
  return weights.filter((weight) => weight.nbytes > 0 && weight.start < end && weight.start + weight.nbytes > start);
}
