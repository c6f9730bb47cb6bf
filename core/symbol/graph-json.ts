import { z } from 'zod';
import type { Attributes, AttributeValue } from '../device/protocol.ts';
import { InvalidArgumentError } from '../errors.ts';
import { type GraphNode, topologicalOrder } from './graph.ts';
import { assertInputCount } from './infer.ts';
import { operatorOf } from './operators/registry.ts';

const VERSION = 1;

/** An attribute as JSON has it: bigints and the numbers that JSON lacks are objects that name them. */
type AttributeJSON =
  | number
  | string
  | boolean
  | null
  | { readonly bigint: string }
  | { readonly number: 'NaN' | 'Infinity' | '-Infinity' }
  | readonly AttributeJSON[];

const attributeSchema: z.ZodType<AttributeJSON> = z.lazy(() =>
  z.union([
    z.number(),
    z.string(),
    z.boolean(),
    z.null(),
    z.strictObject({ bigint: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ number: z.enum(['NaN', 'Infinity', '-Infinity']) }),
    z.array(attributeSchema),
  ]),
);

const variableSchema = z.strictObject({
  kind: z.literal('variable'),
  name: z.string().min(1),
  attributes: z.record(z.string(), z.string()),
});

const operatorSchema = z.strictObject({
  kind: z.literal('operator'),
  name: z.string().min(1),
  operator: z.string(),
  /** Positions of earlier nodes. */
  inputs: z.array(z.int().nonnegative()),
  attributes: z.record(z.string(), attributeSchema),
});

const symbolSchema = z.strictObject({
  version: z.literal(VERSION),
  /** Each after its inputs; the last one is the symbol. */
  nodes: z.array(z.discriminatedUnion('kind', [variableSchema, operatorSchema])).min(1),
});

export type SymbolJSON = z.infer<typeof symbolSchema>;

export function graphToJSON(head: GraphNode): SymbolJSON {
  const order = topologicalOrder(head);
  const positions = new Map(order.map((node, index) => [node, index]));
  const nodes = order.map((node): SymbolJSON['nodes'][number] => {
    if (node.kind === 'variable') return { kind: 'variable', name: node.name, attributes: { ...node.attributes } };
    return {
      kind: 'operator',
      name: node.name,
      operator: node.definition.name,
      inputs: node.inputs.map((input) => positions.get(input) ?? 0),
      attributes: mapValues(node.attributes, attributeToJSON),
    };
  });
  return { version: VERSION, nodes };
}

/** @throws InvalidArgumentError that names the first thing that is wrong and where it is. */
export function graphFromJSON(json: unknown): GraphNode {
  const parsed = symbolSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvalidArgumentError(`This is no symbol: ${issue?.message} at ${issue?.path.join('.') || 'its top'}.`);
  }
  const nodes: GraphNode[] = [];
  for (const node of parsed.data.nodes) nodes.push(node.kind === 'variable' ? node : operatorNode(node, nodes));
  const head = nodes.at(-1);
  if (!head) throw new InvalidArgumentError('This is no symbol: it has no nodes.');
  return head;
}

function operatorNode(json: z.infer<typeof operatorSchema>, earlier: readonly GraphNode[]): GraphNode {
  const definition = operatorOf(json.operator);
  assertInputCount(definition, json.inputs.length);
  const inputs = json.inputs.map((index) => {
    const node = earlier[index];
    if (node) return node;
    throw new InvalidArgumentError(
      `This is no symbol: ${json.name} takes node ${index}, which does not come before it.`,
    );
  });
  const attributes: Attributes = mapValues(json.attributes, attributeFromJSON);
  return { kind: 'operator', name: json.name, definition, inputs, attributes };
}

function attributeToJSON(value: AttributeValue): AttributeJSON {
  if (typeof value === 'bigint') return { bigint: value.toString() };
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { number: Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity' };
  }
  return isList(value) ? value.map(attributeToJSON) : value;
}

function attributeFromJSON(value: AttributeJSON): AttributeValue {
  if (isList(value)) return value.map(attributeFromJSON);
  if (typeof value !== 'object' || value === null) return value;
  return 'bigint' in value ? BigInt(value.bigint) : Number(value.number);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function isList<T, U>(value: readonly T[] | U): value is readonly T[] {
  return Array.isArray(value);
}
