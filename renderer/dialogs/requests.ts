import { useDialogs } from '../store/dialogs.ts';
import type { TreeNode } from '../tree/build-tree.ts';

/** F2 on a tensor renames it; on a group it offers to rename all names that begin with it. */
export function askToRename(document: string, node: TreeNode): void {
  const { ask } = useDialogs.getState();
  if (node.tensor >= 0) ask({ kind: 'rename', document, names: [node.path] });
  else ask({ kind: 'rename-pattern', document, pattern: `^${escapeRegExp(node.path)}(?=[./])`, names: null });
}

export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
