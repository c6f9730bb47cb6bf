import type { Fields, HdfBytes } from './fields.ts';

/** A tree this deep would hold more nodes than a file has bytes. */
const MAX_LEVEL = 32;

/** Siblings, beyond which trees of real files do not go: 2K is 64 for chunks, up to 65,535 by the format. */
const MAX_ENTRIES = 65_535;

export interface Tree1<Key> {
  /** 0: groups; 1: chunks. */
  readonly type: number;
  readonly keyBytes: number;
  readonly key: (fields: Fields) => Key;
}

/**
 * The leaves of a version 1 B-tree in order, each child's address with the key before it (HDF5 File Format
 * Specification, III.A.1). Levels must fall by one from node to node, so that no circle is followed.
 */
export async function* btree1Leaves<Key>(
  file: HdfBytes,
  root: number,
  tree: Tree1<Key>,
): AsyncGenerator<{ readonly key: Key; readonly address: number }> {
  const top = await readNode(file, root, tree);
  if (top.level > MAX_LEVEL) file.fail(`a B-tree has ${top.level} levels; ${MAX_LEVEL} are read`, root);
  const stack = [{ ...top, next: 0 }];
  for (let node = stack.at(-1); node; node = stack.at(-1)) {
    const child = node.children[node.next++];
    if (!child) {
      stack.pop();
    } else if (node.level === 0) {
      yield child;
    } else {
      const below = await readNode(file, child.address, tree);
      if (below.level !== node.level - 1) file.fail('the levels of a B-tree do not fall one by one', child.address);
      stack.push({ ...below, next: 0 });
    }
  }
}

interface Node<Key> {
  readonly level: number;
  readonly children: readonly { readonly key: Key; readonly address: number }[];
}

async function readNode<Key>(file: HdfBytes, address: number, tree: Tree1<Key>): Promise<Node<Key>> {
  const { offset } = file.widths;
  const what = 'a node of a B-tree';
  const prefix = 8 + 2 * offset;
  const head = await file.structure(address, prefix, { mark: 'TREE', what });
  const type = head.u8();
  if (type !== tree.type) file.fail(`${what} is of type ${type} where ${tree.type} should be`, address);
  const level = head.u8();
  const count = Math.min(head.u16(), MAX_ENTRIES);
  const fields = await file.fields(address + prefix, count * (tree.keyBytes + offset) + tree.keyBytes, what);
  const children = Array.from({ length: count }, () => ({
    key: tree.key(fields),
    address: fields.requiredAddress('a child of a B-tree'),
  }));
  return { level, children };
}
