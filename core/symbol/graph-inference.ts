import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import { type GraphNode, topologicalOrder } from './graph.ts';
import { inferDTypes, inferShapes } from './infer.ts';
import type { PartialShape } from './operators/registry.ts';
import { unify } from './operators/shapes.ts';
import { parseDTypeAttribute, parseShapeAttribute } from './variable-attributes.ts';

export interface Inferred<T> {
  readonly arguments: Readonly<Record<string, T>>;
  readonly output: T;
}

/** Applies the operators' rules back and forth until nothing more follows. @throws ShapeMismatchError */
export function inferGraphShapes(head: GraphNode, known: Readonly<Record<string, Shape>>): Inferred<PartialShape> {
  const order = topologicalOrder(head);
  const shapes = new Map<GraphNode, PartialShape>();
  for (const node of order) if (node.kind === 'variable') shapes.set(node, variableShape(node, known));
  const learn = (node: GraphNode, shape: PartialShape): boolean => {
    const before = shapes.get(node) ?? null;
    const after = unify(before, shape);
    shapes.set(node, after);
    return String(after) !== String(before) || (after === null) !== (before === null);
  };
  untilSettled(order, (node) => {
    if (node.kind === 'variable') return false;
    const state = { inputs: node.inputs.map((input) => shapes.get(input) ?? null), output: shapes.get(node) ?? null };
    const next = inferShapes(node.definition, state, node.attributes);
    const news = node.inputs.map((input, index) => learn(input, next.inputs[index] ?? null));
    return [learn(node, next.output), ...news].includes(true);
  });
  return collect(order, head, (node) => shapes.get(node) ?? null);
}

/** As `inferGraphShapes`, for dtypes. @throws DTypeMismatchError */
export function inferGraphDTypes(head: GraphNode, known: Readonly<Record<string, DType>>): Inferred<DType | null> {
  const order = topologicalOrder(head);
  const dtypes = new Map<GraphNode, DType | null>();
  for (const node of order) {
    if (node.kind === 'variable') {
      dtypes.set(node, known[node.name] ?? parseDTypeAttribute(node.attributes.__dtype__));
    }
  }
  const learn = (node: GraphNode, dtype: DType | null): boolean => {
    if (dtype === null || dtypes.get(node) === dtype) return false;
    dtypes.set(node, dtype);
    return true;
  };
  untilSettled(order, (node) => {
    if (node.kind === 'variable') return false;
    const state = { inputs: node.inputs.map((input) => dtypes.get(input) ?? null), output: dtypes.get(node) ?? null };
    const next = inferDTypes(node.definition, state, node.attributes);
    const news = node.inputs.map((input, index) => learn(input, next.inputs[index] ?? null));
    return [learn(node, next.output), ...news].includes(true);
  });
  return collect(order, head, (node) => dtypes.get(node) ?? null);
}

function variableShape(node: GraphNode & { kind: 'variable' }, known: Readonly<Record<string, Shape>>): PartialShape {
  return unify(parseShapeAttribute(node.attributes.__shape__), known[node.name]);
}

/** Forwards, then backwards, until a round brings no news; each round makes something known, so it ends. */
function untilSettled(order: readonly GraphNode[], visit: (node: GraphNode) => boolean): void {
  for (let round = order; round.filter(visit).length > 0; round = round.toReversed());
}

function collect<T>(order: readonly GraphNode[], head: GraphNode, known: (node: GraphNode) => T): Inferred<T> {
  const variables = order.filter((node) => node.kind === 'variable');
  return { arguments: Object.fromEntries(variables.map((node) => [node.name, known(node)])), output: known(head) };
}
