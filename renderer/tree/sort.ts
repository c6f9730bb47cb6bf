import { type Listing, shapeOf } from '../api/listing.ts';
import type { SortOrder } from '../store/tree-view.ts';
import { labelOf, type TreeNode } from './build-tree.ts';
import { KINDS, type Kind, kindOf } from './kind.ts';

type Compare = (a: TreeNode, b: TreeNode) => number;

/** Orders the children of one group; `file` keeps them as they come. Largest first by size, otherwise ascending, names as the tie-break. */
export function sorted(nodes: readonly TreeNode[], order: SortOrder, listing: Listing): readonly TreeNode[] {
  switch (order) {
    case 'file':
      return nodes;
    case 'name':
      return nodes.toSorted(byName);
    case 'size':
      return nodes.toSorted((a, b) => b.bytes - a.bytes || byName(a, b));
    case 'dtype':
      return nodes.toSorted((a, b) => compareText(a.dtype ?? '\uffff', b.dtype ?? '\uffff') || byName(a, b));
    case 'kind':
      return sortedByKind(nodes, listing);
  }
}

const byName: Compare = (a, b) => compareNatural(labelOf(a), labelOf(b));

/** Groups come after the tensors beside them: a group has no kind of its own. */
function sortedByKind(nodes: readonly TreeNode[], listing: Listing): readonly TreeNode[] {
  const ranks = new Map(nodes.map((node) => [node, kindRank(node, listing)]));
  return nodes.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || byName(a, b));
}

function kindRank(node: TreeNode, listing: Listing): number {
  const kind = nodeKind(node, listing);
  return kind === null ? KINDS.length : KINDS.indexOf(kind);
}

export function nodeKind(node: TreeNode, listing: Listing): Kind | null {
  return node.tensor < 0 ? null : kindOf(node.path, shapeOf(listing, node.tensor));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Runs of digits compare as numbers: `layer.2` before `layer.10`. */
export function compareNatural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = digitsAt(a, i);
    const y = digitsAt(b, j);
    if (x > i && y > j) {
      const difference = compareDigits(a.slice(i, x), b.slice(j, y));
      if (difference !== 0) return difference;
      i = x;
      j = y;
    } else {
      const difference = a.charCodeAt(i) - b.charCodeAt(j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j);
}

function digitsAt(text: string, from: number): number {
  let end = from;
  while (end < text.length && text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++;
  return end;
}

/** By length after the leading zeros, then digit by digit: exact however many digits there are. */
function compareDigits(a: string, b: string): number {
  const x = a.replace(/^0+(?=\d)/, '');
  const y = b.replace(/^0+(?=\d)/, '');
  return x.length - y.length || compareText(x, y) || a.length - b.length;
}
