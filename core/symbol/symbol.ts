import { ArrayOperators, type ScalarOperand } from '../device/array-operators.ts';
import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { Attributes } from '../device/protocol.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import { type BindOptions, Executor } from './executor.ts';
import { type GraphNode, topologicalOrder, type VariableNode } from './graph.ts';
import { inferGraphDTypes, inferGraphShapes } from './graph-inference.ts';
import { graphFromJSON, graphToJSON, type SymbolJSON } from './graph-json.ts';
import { assertInputCount } from './infer.ts';
import './invoke.ts';
import { operatorOf, type PartialShape } from './operators/registry.ts';
import { type VariableOptions, variableAttributes } from './variable-attributes.ts';

const counts = new Map<string, number>();

/**
 * A computation as a value: variables and the operators over them, with the methods of NDArray. It
 * holds no elements; `bind` gives its arguments arrays and computes.
 */
class GraphSymbol extends ArrayOperators<GraphSymbol> {
  /** @internal */
  readonly node: GraphNode;

  /** @internal Use `symbol.var`, operators and `Symbol.fromJSON`. */
  constructor(node: GraphNode) {
    super();
    this.node = node;
  }

  get name(): string {
    return this.node.name;
  }

  /** A variable's attributes as texts; of an operator's result none. */
  get attributes(): Readonly<Record<string, string>> {
    return this.node.kind === 'variable' ? this.node.attributes : {};
  }

  /** Names of the variables in the order in which the computation needs them. */
  listArguments(): readonly string[] {
    return this.#variables().map(({ name }) => name);
  }

  /**
   * All shapes that follow from those in `known` and from the variables' own, in both directions: a
   * dense layer's weight from its data, and data from its weight. Sizes that do not follow are -1.
   *
   * @throws ShapeMismatchError where they contradict each other; InvalidArgumentError for an unknown name.
   */
  inferShape(known: Readonly<Record<string, Shape>> = {}): {
    readonly arguments: Readonly<Record<string, PartialShape>>;
    readonly output: PartialShape;
  } {
    this.#assertArguments(Object.keys(known));
    return inferGraphShapes(this.node, known);
  }

  /** As `inferShape` for dtypes; null where one does not follow. @throws DTypeMismatchError */
  inferDType(known: Readonly<Record<string, DType>> = {}): {
    readonly arguments: Readonly<Record<string, DType | null>>;
    readonly output: DType | null;
  } {
    this.#assertArguments(Object.keys(known));
    return inferGraphDTypes(this.node, known);
  }

  /**
   * Gives every argument an array on `device`, and those in `gradArgs` a buffer for their gradient.
   *
   * @throws InvalidArgumentError for a missing or unknown argument; DeviceMismatchError; ShapeMismatchError.
   */
  bind(device: Device, args: Readonly<Record<string, NDArray>>, options: BindOptions = {}): Executor {
    this.#assertArguments(Object.keys(args));
    this.#assertArguments(Object.keys(options.gradArgs ?? {}));
    return new Executor(this.node, { device, args, options });
  }

  toJSON(): SymbolJSON {
    return graphToJSON(this.node);
  }

  /** @throws InvalidArgumentError for anything but what `toJSON` gives. */
  static fromJSON(json: unknown): GraphSymbol {
    return new GraphSymbol(graphFromJSON(json));
  }

  override toString(): string {
    return `<Symbol ${this.name}>`;
  }

  protected override apply(name: string, others: readonly GraphSymbol[], attributes: Attributes = {}): GraphSymbol {
    return symbolOperator(name, [this, ...others], attributes);
  }

  protected override isOperand(value: GraphSymbol | ScalarOperand): value is GraphSymbol {
    return value instanceof GraphSymbol;
  }

  #variables(): VariableNode[] {
    const variables = topologicalOrder(this.node).filter((node) => node.kind === 'variable');
    const names = variables.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new InvalidArgumentError(`Two variables are called '${twice}': arguments are told apart by name.`);
    }
    return variables;
  }

  #assertArguments(names: readonly string[]): void {
    const known = this.listArguments();
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new InvalidArgumentError(`The symbol has no argument '${unknown}': it has ${known.join(', ')}.`);
    }
  }
}

export { GraphSymbol as Symbol };

/** A named place for an array, with MXNet's attributes for what is known of it (P-153). */
export function variable(name: string, options: VariableOptions = {}): GraphSymbol {
  if (name === '') throw new InvalidArgumentError('A variable needs a name.');
  return new GraphSymbol({ kind: 'variable', name, attributes: variableAttributes(options) });
}

/**
 * The operator `name` of core/symbol/operators over symbols with its attributes. The result is called what
 * the attribute `name` says, or after the operator and a number. @throws InvalidArgumentError for an unknown operator or a wrong number of inputs.
 */
export function symbolOperator(
  name: string,
  inputs: readonly GraphSymbol[],
  { name: resultName, ...attributes }: Attributes & { readonly name?: string } = {},
): GraphSymbol {
  const definition = operatorOf(name);
  assertInputCount(definition, inputs.length);
  const sources = inputs.map(({ node }) => node);
  return new GraphSymbol({
    kind: 'operator',
    name: resultName ?? nextName(name),
    definition,
    inputs: sources,
    attributes,
  });
}

/** MXNet's `sym` module. */
export const symbol = {
  var: variable,
  operator: symbolOperator,
  fromJSON: (json: unknown) => GraphSymbol.fromJSON(json),
} as const;

function nextName(operator: string): string {
  const count = counts.get(operator) ?? 0;
  counts.set(operator, count + 1);
  return `${operator}${count}`;
}
