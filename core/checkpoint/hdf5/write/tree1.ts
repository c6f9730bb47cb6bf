import type { Block, Blocks } from './block.ts';
import { FieldWriter } from './field-writer.ts';

/** How a version 1 B-tree is written (HDF5 File Format Specification, III.A.1). */
export interface Tree1Shape {
  /** 0: groups; 1: chunks. */
  readonly type: 0 | 1;
  /** Children of a node: all nodes have room for so many. */
  readonly width: number;
  readonly keyBytes: number;
}

/** A child, with the keys on both sides of it; its address may be known only when all is laid out. */
export interface Tree1Child {
  readonly address: () => number;
  readonly left: Buffer;
  readonly right: Buffer;
}

/** Places a tree of `children`, which come in order, and gives the address of its root. */
export function placeTree(blocks: Blocks, shape: Tree1Shape, children: readonly Tree1Child[]): number {
  let level = 0;
  let below = children;
  for (;;) {
    const nodes = placeLevel(blocks, shape, { level, children: below });
    const [root] = nodes;
    if (root && nodes.length === 1) return root.address();
    below = nodes;
    level++;
  }
}

function placeLevel(
  blocks: Blocks,
  shape: Tree1Shape,
  { level, children }: { readonly level: number; readonly children: readonly Tree1Child[] },
): Tree1Child[] {
  const addresses: number[] = [];
  const groups = inGroups(children, shape.width);
  return groups.map((group, i) => {
    const siblings = () => ({ left: addresses[i - 1] ?? null, right: addresses[i + 1] ?? null });
    const address = blocks.place(nodeBlock(shape, { level, children: group, siblings }));
    addresses.push(address);
    const none = Buffer.alloc(shape.keyBytes);
    return { address: () => address, left: group[0]?.left ?? none, right: group.at(-1)?.right ?? none };
  });
}

/** One group even where there is no child: a tree has a root. */
function inGroups<T>(items: readonly T[], width: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at === 0 || at < items.length; at += width) groups.push(items.slice(at, at + width));
  return groups;
}

interface Node {
  readonly level: number;
  readonly children: readonly Tree1Child[];
  readonly siblings: () => { readonly left: number | null; readonly right: number | null };
}

function nodeBlock({ type, width, keyBytes }: Tree1Shape, { level, children, siblings }: Node): Block {
  const nbytes = 24 + width * (keyBytes + 8) + keyBytes;
  return {
    nbytes,
    encode() {
      const { left, right } = siblings();
      const fields = new FieldWriter().text('TREE').u8(type, level).u16(children.length).address(left).address(right);
      fields.raw(children[0]?.left ?? Buffer.alloc(keyBytes));
      for (const child of children) fields.u64(child.address()).raw(child.right);
      return fields.fill(nbytes).bytes();
    },
  };
}
