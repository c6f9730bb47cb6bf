import type { SuperblockStyle } from '../superblock.ts';
import type { Blocks } from './block.ts';
import { FieldWriter, padded } from './field-writer.ts';
import { placeTree, type Tree1Child } from './tree1.ts';

/** A name in a group of the old style. */
export interface Symbol {
  readonly name: string;
  /** Null for a soft link. */
  readonly address: (() => number) | null;
  readonly soft: string | null;
}

export interface SymbolTable {
  readonly tree: number;
  readonly heap: number;
}

const ENTRY_BYTES = 40;
const NODE_HEAD = 8;
/** What the scratch space of an entry holds: nothing, or where the target of a soft link stands. */
const CACHED = { none: 0, soft: 2 } as const;
/** No room is free in a heap of names. */
const NO_FREE = 1;

/** Places names, nodes and index of a group (HDF5 File Format Specification, III.A.1, III.B to III.D). */
export function placeSymbols(
  blocks: Blocks,
  symbols: readonly Symbol[],
  { groupLeaf, groupInner }: Pick<SuperblockStyle, 'groupLeaf' | 'groupInner'>,
): SymbolTable {
  const sorted = symbols
    .map((symbol) => ({ ...symbol, bytes: Buffer.from(symbol.name) }))
    .toSorted((a, b) => a.bytes.compare(b.bytes));
  const names = new Names();
  const entries = sorted.map((symbol) => ({
    name: names.add(symbol.bytes),
    soft: symbol.soft === null ? null : names.add(Buffer.from(symbol.soft)),
    address: symbol.address,
  }));
  const room = 2 * groupLeaf;
  const children: Tree1Child[] = [];
  let left = 0;
  for (let at = 0; at < entries.length; at += room) {
    const own = entries.slice(at, at + room);
    const address = blocks.place({ nbytes: NODE_HEAD + room * ENTRY_BYTES, encode: () => symbolNode(own, room) });
    const right = own.at(-1)?.name ?? 0;
    children.push({ address: () => address, left: key(left), right: key(right) });
    left = right;
  }
  const tree = placeTree(blocks, { type: 0, width: 2 * groupInner, keyBytes: 8 }, children);
  return { tree, heap: placeNames(blocks, names) };
}

interface Entry {
  readonly name: number;
  readonly soft: number | null;
  readonly address: (() => number) | null;
}

function symbolNode(entries: readonly Entry[], room: number): Buffer {
  const fields = new FieldWriter().text('SNOD').u8(1, 0).u16(entries.length);
  for (const { name, soft, address } of entries) {
    fields.u64(name).address(address?.() ?? null);
    fields
      .u32(soft === null ? CACHED.none : CACHED.soft)
      .u32(0)
      .u32(soft ?? 0)
      .u32(0)
      .u64(0);
  }
  return fields.fill(NODE_HEAD + room * ENTRY_BYTES).bytes();
}

/** Names are compared by their places in the heap; place 0 is the empty name, before all others. */
function key(name: number): Buffer {
  return new FieldWriter().u64(name).bytes();
}

class Names {
  readonly #fields = new FieldWriter().u64(0);

  add(name: Buffer): number {
    const at = this.#fields.length;
    this.#fields.raw(name).u8(0).align();
    return at;
  }

  get length(): number {
    return this.#fields.length;
  }

  bytes(): Buffer {
    return this.#fields.bytes();
  }
}

function placeNames(blocks: Blocks, names: Names): number {
  const segment = blocks.place({ nbytes: padded(names.length), encode: () => names.bytes() });
  const nbytes = names.length;
  return blocks.place({
    nbytes: 32,
    encode: () => new FieldWriter().text('HEAP').u32(0).u64(nbytes).u64(NO_FREE).u64(segment).bytes(),
  });
}
