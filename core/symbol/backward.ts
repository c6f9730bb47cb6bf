import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, InvalidStateError, ShapeMismatchError } from '../errors.ts';
import { formatShape } from '../ndarray/shape.ts';
import { applyOperator } from './apply.ts';
import { entryOf, type TapeEntry, TapeNode, Variable } from './tape.ts';
import { tidy } from './tidy.ts';

export interface BackwardOptions {
  /** Keeps the graph for another backward; by default it is freed. */
  readonly retainGraph?: boolean;
}

/** The gradient of one entry so far; several uses are summed. */
type Gradients = Map<TapeEntry, NDArray>;

/**
 * The gradients of the sum of `heads`, each weighed by its head gradient (ones where there is none),
 * with respect to every entry in `wanted`. The arrays are the caller's.
 */
export function differentiate(
  heads: readonly NDArray[],
  headGradients: readonly (NDArray | null)[],
  wanted: (variable: Variable) => boolean,
): Gradients {
  const graph = new ReachableGraph(heads, wanted);
  if (graph.isEmpty) {
    throw new InvalidStateError('There are no inputs in the computation graph that require gradients.');
  }
  const gradients: Gradients = new Map();
  heads.forEach((head, i) => {
    const entry = entryOf(head);
    if (entry) addGradient(gradients, entry, headGradient(head, headGradients[i] ?? null));
  });
  for (const node of graph.nodes) {
    const head = gradients.get(node);
    if (!head) continue;
    propagate(node, head, { gradients, graph });
    if (!node.variable || !wanted(node.variable)) {
      gradients.delete(node);
      head.dispose();
    }
  }
  return gradients;
}

/** Frees what the graphs of `heads` hold. */
export function releaseGraph(heads: readonly NDArray[]): void {
  for (const node of nodesOf(heads)) node.release();
}

/** The recorded operators behind some heads, those that lead to a wanted variable, latest first. */
class ReachableGraph {
  readonly nodes: readonly TapeNode[];
  readonly isEmpty: boolean;
  readonly #leading = new Set<TapeEntry>();

  constructor(heads: readonly NDArray[], wanted: (variable: Variable) => boolean) {
    const all = nodesOf(heads);
    const isWanted = (source: TapeEntry | null): boolean =>
      source instanceof Variable ? this.#note(source, wanted(source)) : source !== null && this.#leading.has(source);
    for (const node of all.toReversed()) {
      if (node.released) throw freed();
      const own = node.variable !== null && wanted(node.variable);
      // Every source is looked at: each that leads to a variable is noted.
      if (node.sources.filter(isWanted).length > 0 || own) this.#leading.add(node);
    }
    this.nodes = all.filter((node) => this.#leading.has(node));
    this.isEmpty = !heads.some((head) => isWanted(entryOf(head)));
  }

  leads(entry: TapeEntry): boolean {
    return this.#leading.has(entry);
  }

  #note(variable: Variable, wanted: boolean): boolean {
    if (wanted) this.#leading.add(variable);
    return wanted;
  }
}

/** Latest first, so that all uses of a result come before it. */
function nodesOf(heads: readonly NDArray[]): TapeNode[] {
  const found = new Set<TapeNode>();
  const open: (TapeEntry | null)[] = heads.map((head) => entryOf(head) ?? notRecorded());
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    if (!(entry instanceof TapeNode) || found.has(entry)) continue;
    found.add(entry);
    open.push(...entry.sources);
  }
  return [...found].sort((a, b) => b.id - a.id);
}

function propagate(
  node: TapeNode,
  head: NDArray,
  { gradients, graph }: { readonly gradients: Gradients; readonly graph: ReachableGraph },
): void {
  const context = node.context(head, (source) => graph.leads(source));
  const made = tidy(() => node.definition.gradient?.(context) ?? []);
  // One array may be the gradient of several inputs, or the head itself.
  const taken = new Set<NDArray>([head]);
  made.forEach((gradient, index) => {
    const source = node.sources[index];
    if (!gradient || !source) return;
    if (!context.needs(index)) {
      if (!taken.has(gradient)) gradient.dispose();
      return;
    }
    addGradient(gradients, source, taken.has(gradient) ? applyOperator('identity', [gradient]) : gradient);
    taken.add(gradient);
  });
}

function addGradient(gradients: Gradients, entry: TapeEntry, gradient: NDArray): void {
  const before = gradients.get(entry);
  gradients.set(entry, before ? applyOperator('add', [before, gradient]) : gradient);
  if (!before) return;
  before.dispose();
  gradient.dispose();
}

function headGradient(head: NDArray, given: NDArray | null): NDArray {
  if (!given) return applyOperator('ones_like', [head]);
  if (given.shape.length !== head.shape.length || given.shape.some((size, axis) => size !== head.shape[axis])) {
    throw new ShapeMismatchError(
      `The head gradient of an array of shape ${formatShape(head.shape)} must have that shape, got ${formatShape(given.shape)}.`,
    );
  }
  return applyOperator('identity', [given]);
}

/** @throws InvalidArgumentError */
export function pairHeads(
  heads: NDArray | readonly NDArray[],
  gradients: NDArray | readonly (NDArray | null)[] | null,
): { readonly heads: readonly NDArray[]; readonly gradients: readonly (NDArray | null)[] } {
  const headList = isList(heads) ? heads : [heads];
  const gradientList = gradients === null ? headList.map(() => null) : isList(gradients) ? gradients : [gradients];
  if (headList.length === gradientList.length && headList.length > 0)
    return { heads: headList, gradients: gradientList };
  throw new InvalidArgumentError(
    `backward takes as many head gradients as heads, got ${gradientList.length} for ${headList.length}.`,
  );
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function notRecorded(): never {
  throw new InvalidStateError(
    'Cannot differentiate an array that is not in a computational graph: compute it from marked arrays within autograd.record.',
  );
}

function freed(): InvalidStateError {
  return new InvalidStateError(
    'Cannot differentiate: the computational graph was freed by an earlier backward. Give that one retainGraph, or record again.',
  );
}
