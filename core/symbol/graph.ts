import type { Attributes } from '../device/protocol.ts';
import type { OperatorDefinition } from './operators/registry.ts';

export interface VariableNode {
  readonly kind: 'variable';
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface OperatorNode {
  readonly kind: 'operator';
  readonly name: string;
  readonly definition: OperatorDefinition;
  readonly inputs: readonly GraphNode[];
  readonly attributes: Attributes;
}

/** What a Symbol is made of. Nodes are shared: one that is used twice is computed once. */
export type GraphNode = VariableNode | OperatorNode;

/** Every node behind `head`, it included, each after its inputs; inputs from left to right. */
export function topologicalOrder(head: GraphNode): readonly GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  // No recursion: a graph may be deeper than the stack.
  const open: { readonly node: GraphNode; readonly expanded: boolean }[] = [{ node: head, expanded: false }];
  for (let step = open.pop(); step; step = open.pop()) {
    const { node, expanded } = step;
    if (expanded) {
      order.push(node);
      continue;
    }
    if (seen.has(node)) continue;
    seen.add(node);
    open.push({ node, expanded: true });
    if (node.kind === 'operator') {
      for (const input of node.inputs.toReversed()) open.push({ node: input, expanded: false });
    }
  }
  return order;
}
