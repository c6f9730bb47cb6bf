import type { Checkpoint, OtherArray, ValueNode } from '../checkpoint/checkpoint.ts';
import { formatShape } from '../ndarray/shape.ts';

/** A value beside the tensors, as pages get it. */
export interface OtherValue {
  readonly key: string;
  readonly kind: ValueNode['kind'] | 'array';
  readonly text: string;
  /** Its class in the container's own language, or the type of an array's elements. */
  readonly type: string | null;
  readonly children: readonly OtherValue[];
  /** Children that were left out: `children` are the first of more. */
  readonly left: number;
}

export interface DocumentValues {
  readonly values: readonly OtherValue[];
  readonly left: number;
}

/** One message carries so many; a training state has some thousand, a tokenizer's lists have more. */
const MAX_NODES = 20_000;
/** Of one mapping or list. */
const MAX_CHILDREN = 1000;
/** Nesting beyond any configuration; what is deeper is left out. */
const MAX_DEPTH = 64;

export function hasValues({ values, others }: Checkpoint): boolean {
  return (values?.length ?? 0) > 0 || (others?.length ?? 0) > 0;
}

/** Everything beside the tensors, cut to what a page can show. */
export function documentValues({ values = [], others = [] }: Checkpoint): DocumentValues {
  const budget = { left: MAX_NODES };
  const { children, left } = shown([...values, ...others.map(arrayNode)], budget, 0);
  return { values: children, left };
}

interface ArrayNode extends Omit<ValueNode, 'kind'> {
  readonly kind: 'array';
}

function arrayNode({ name, dtype, shape, text }: OtherArray): ArrayNode {
  return { key: name, kind: 'array', type: `${dtype} ${formatShape(shape)}`, text };
}

function shown(
  nodes: readonly (ValueNode | ArrayNode)[],
  budget: { left: number },
  depth: number,
): Pick<OtherValue, 'children' | 'left'> {
  const children: OtherValue[] = [];
  for (const { key, kind, text, type, children: inner = [] } of nodes) {
    if (children.length === MAX_CHILDREN || budget.left === 0 || depth === MAX_DEPTH) break;
    budget.left -= 1;
    children.push({ key, kind, text, type: type ?? null, ...shown(inner, budget, depth + 1) });
  }
  return { children, left: nodes.length - children.length };
}
