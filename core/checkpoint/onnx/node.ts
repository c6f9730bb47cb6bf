import { expectBytes, textOf } from '../protobuf/values.ts';
import type { Span, WireField } from '../protobuf/wire.ts';
import type { Steps, WireReader } from '../protobuf/wire-reader.ts';
import { ATTRIBUTE, NODE } from './schema.ts';

/** A name, and where it stands. */
export interface PlacedName {
  readonly text: string;
  readonly at: Span;
}

/** A NodeProto without what its attributes hold. */
export interface ReadNode {
  /** `graph.node[3]`. */
  readonly path: string;
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly PlacedName[];
  readonly outputs: readonly PlacedName[];
  readonly attributes: readonly Span[];
}

export function* readNode(reader: WireReader, span: Span, path: string): Steps<ReadNode> {
  const fields: WireField[] = [];
  const attributes: Span[] = [];
  yield* reader.fields(span, path, (field) => {
    if (field.number === NODE.attribute) attributes.push(expectBytes(reader, field, path));
    else if (NAMES.has(field.number)) fields.push(expectBytes(reader, field, path));
    return undefined;
  });
  const inputs: PlacedName[] = [];
  const outputs: PlacedName[] = [];
  let [opType, name] = ['', ''];
  for (const field of fields) {
    const text = yield* textOf(reader, field, { what: `a name in ${path}` });
    if (field.number === NODE.input) inputs.push({ text, at: field });
    else if (field.number === NODE.output) outputs.push({ text, at: field });
    else if (field.number === NODE.opType) opType = text;
    else name = text;
  }
  return { path, opType, name, inputs, outputs, attributes };
}

const NAMES: ReadonlySet<number> = new Set([NODE.input, NODE.output, NODE.opType, NODE.name]);

/** The name of an AttributeProto, and its fields that hold tensors or graphs. */
export function* readAttribute(
  reader: WireReader,
  span: Span,
  what: string,
): Steps<{ readonly name: string; readonly parts: readonly WireField[] }> {
  const parts: WireField[] = [];
  let nameSpan: Span | null = null;
  yield* reader.fields(span, what, (field) => {
    if (field.number === ATTRIBUTE.name) nameSpan = expectBytes(reader, field, what);
    else if (CONTAINERS.has(field.number)) parts.push(expectBytes(reader, field, what));
    return undefined;
  });
  // The names of attributes that hold numbers are of no use here.
  const name = nameSpan && parts.length > 0 ? yield* textOf(reader, nameSpan, { what }) : '';
  return { name, parts };
}

const CONTAINERS: ReadonlySet<number> = new Set([
  ATTRIBUTE.tensor,
  ATTRIBUTE.graph,
  ATTRIBUTE.tensors,
  ATTRIBUTE.graphs,
  ATTRIBUTE.sparseTensor,
  ATTRIBUTE.sparseTensors,
]);
