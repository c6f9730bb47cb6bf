import type { TreeNode } from './build-tree.ts';

/** One visible row, with what assistive technology is told of its place. */
export interface TreeRow {
  readonly node: TreeNode;
  /** 1 for the outermost rows. */
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
}

export interface FlattenOptions {
  readonly collapsed: ReadonlySet<string>;
  readonly order: (nodes: readonly TreeNode[]) => readonly TreeNode[];
}

/** The rows of the tree from top to bottom, without those inside collapsed groups. */
export function flatten(roots: readonly TreeNode[], { collapsed, order }: FlattenOptions): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (nodes: readonly TreeNode[], level: number): void => {
    const setSize = nodes.length;
    order(nodes).forEach((node, i) => {
      rows.push({ node, level, position: i + 1, setSize });
      if (node.children.length > 0 && !collapsed.has(node.path)) visit(node.children, level + 1);
    });
  };
  visit(roots, 1);
  return rows;
}

/** The row that holds the group around `index`, or -1 at the outermost level. */
export function parentRow(rows: readonly TreeRow[], index: number): number {
  const level = rows[index]?.level ?? 1;
  for (let i = index - 1; i >= 0; i--) if ((rows[i]?.level ?? 0) < level) return i;
  return -1;
}

/** The paths of all groups: what "collapse all" closes. */
export function groupPaths(roots: readonly TreeNode[]): Set<string> {
  const paths = new Set<string>();
  const visit = (nodes: readonly TreeNode[]): void => {
    for (const node of nodes) {
      if (node.children.length === 0) continue;
      paths.add(node.path);
      visit(node.children);
    }
  };
  visit(roots);
  return paths;
}

/** Positions in the listing of all tensors at or below a row. */
export function tensorsBelow(node: TreeNode): number[] {
  return node.tensor >= 0 ? [node.tensor] : node.children.flatMap(tensorsBelow);
}
