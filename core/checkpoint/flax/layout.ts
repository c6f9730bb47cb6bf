import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { arrayPieces, type NewArray } from './array-pieces.ts';
import { type EditNode, editTree, type PlacedTensor } from './edit-tree.ts';
import { arrayHead, mapHead, packString } from './pack.ts';
import type { TreeNode } from './tree.ts';

/** A tensor of the file to be written. */
export interface FlaxTensor extends NewArray, PlacedTensor {
  /** Whether its elements are of another dtype, or of another number, than those of the original. */
  readonly recast: boolean;
  /** Where its elements lie in the original, where others take their place there; null for one that is kept or written anew. */
  readonly runs: readonly { readonly offset: number; readonly nbytes: number }[] | null;
}

/** A run of the new file; the pieces of a layout follow each other without gaps. */
export type FlaxPiece =
  | { readonly kind: 'bytes'; readonly to: number; readonly bytes: Uint8Array }
  /** Bytes of the original. */
  | { readonly kind: 'copy'; readonly to: number; readonly from: number; readonly nbytes: number }
  /** Elements of `tensors[tensor]`. */
  | {
      readonly kind: 'values';
      readonly to: number;
      readonly tensor: number;
      readonly start: number;
      readonly count: number;
    };

export interface FlaxLayout {
  readonly pieces: readonly FlaxPiece[];
  readonly total: number;
}

export interface FlaxLayoutRequest {
  /** The file that is saved anew; null for a new one. */
  readonly original: { readonly root: TreeNode; readonly former: ReadonlySet<string> } | null;
  readonly tensors: readonly FlaxTensor[];
}

/**
 * What a saved msgpack checkpoint consists of; reads and writes nothing. Everything that no edit touched is
 * copied as it is stored.
 *
 * @throws InvalidArgumentError for a name that the file cannot have, UnsupportedDTypeError for a dtype that it cannot
 */
export function layoutFlax({ original, tensors }: FlaxLayoutRequest): FlaxLayout {
  const builder = new LayoutBuilder(tensors);
  if (original) builder.node(editTree(original.root, { tensors, former: original.former }));
  else builder.node(editTree({ kind: 'map', start: 0, end: 0, members: [] }, { tensors, former: new Set() }));
  return builder.layout();
}

class LayoutBuilder {
  readonly #pieces: FlaxPiece[] = [];
  readonly #tensors: readonly FlaxTensor[];
  #end = 0;

  constructor(tensors: readonly FlaxTensor[]) {
    this.#tensors = tensors;
  }

  layout(): FlaxLayout {
    return { pieces: this.#pieces, total: this.#end };
  }

  node(node: EditNode): void {
    switch (node.kind) {
      case 'map':
        this.#map(node);
        break;
      case 'array': {
        const [first] = node.source.items;
        if (first) this.#copy(node.source.start, first.start);
        else this.#bytes(arrayHead(0));
        for (const item of node.items) this.node(item);
        break;
      }
      case 'tensor':
        this.#tensor(node);
        break;
      case 'kept':
        this.#copy(node.source.start, node.source.end);
        break;
    }
  }

  #map({ source, members }: Extract<EditNode, { kind: 'map' }>): void {
    const first = source?.members[0];
    if (source && first && source.members.length === members.length) this.#copy(source.start, first.keyStart);
    else this.#bytes(mapHead(members.length));
    for (const { key, stored, value } of members) {
      if (stored) this.#copy(...stored);
      else this.#bytes(packString(key));
      this.node(value);
    }
  }

  #tensor({ source, tensor }: Extract<EditNode, { kind: 'tensor' }>): void {
    const spec = this.#tensors[tensor];
    if (!spec) throw new TypeError(`The tree names tensor ${tensor} of ${this.#tensors.length}.`);
    if (!source || spec.recast) this.#anew(spec, { source, tensor });
    else this.#kept(spec, { source, tensor });
  }

  /** As it is stored, with its elements over those that the original has. */
  #kept(spec: FlaxTensor, { source, tensor }: { readonly source: TreeNode; readonly tensor: number }): void {
    let at = source.start;
    let start = 0;
    const total = elementCount(spec.shape);
    const nbytes = (spec.runs ?? []).reduce((sum, run) => sum + run.nbytes, 0);
    for (const run of spec.runs ?? []) {
      const count = nbytes === 0 ? 0 : (run.nbytes / nbytes) * total;
      this.#copy(at, run.offset);
      this.#values(tensor, { start, count, nbytes: run.nbytes });
      start += count;
      at = run.offset + run.nbytes;
    }
    this.#copy(at, source.end);
  }

  #anew(spec: FlaxTensor, { source, tensor }: { readonly source: TreeNode | null; readonly tensor: number }): void {
    const type = source?.kind === 'array-value' ? (source.type ?? undefined) : undefined;
    for (const piece of arrayPieces(spec, type)) {
      if ('bytes' in piece) this.#bytes(piece.bytes);
      else this.#values(tensor, { ...piece, nbytes: bytesFor(spec.dtype, piece.count) });
    }
  }

  #bytes(bytes: Uint8Array): void {
    this.#pieces.push({ kind: 'bytes', to: this.#end, bytes });
    this.#end += bytes.length;
  }

  /** What follows a copy in the original joins it. */
  #copy(from: number, stop: number): void {
    if (stop === from) return;
    const last = this.#pieces.at(-1);
    const nbytes = stop - from;
    if (last?.kind === 'copy' && last.from + last.nbytes === from) {
      this.#pieces[this.#pieces.length - 1] = { ...last, nbytes: last.nbytes + nbytes };
    } else this.#pieces.push({ kind: 'copy', to: this.#end, from, nbytes });
    this.#end += nbytes;
  }

  #values(
    tensor: number,
    { start, count, nbytes }: { readonly start: number; readonly count: number; readonly nbytes: number },
  ): void {
    this.#pieces.push({ kind: 'values', to: this.#end, tensor, start, count });
    this.#end += nbytes;
  }
}
