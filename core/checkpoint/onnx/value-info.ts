import { expectBytes, textOf } from '../protobuf/values.ts';
import { type Span, WIRE } from '../protobuf/wire.ts';
import type { Steps, WireReader } from '../protobuf/wire-reader.ts';
import type { PlacedName } from './node.ts';
import { TENSOR_TYPE, TYPE, VALUE_INFO } from './schema.ts';

export interface ReadValueInfo {
  readonly name: PlacedName | null;
  /** Where the type of the elements stands, of a tensor of which it is said. */
  readonly elementType: Span | null;
}

/** The name of a ValueInfoProto, and where it says which elements the value has. */
export function* readValueInfo(reader: WireReader, span: Span, what: string): Steps<ReadValueInfo> {
  const found: { name: Span | null; elementType: Span | null } = { name: null, elementType: null };
  yield* reader.fields(span, what, (field) => {
    if (field.number === VALUE_INFO.name) found.name = expectBytes(reader, field, what);
    if (field.number !== VALUE_INFO.type) return undefined;
    return reader.fields(expectBytes(reader, field, what), what, (type) => {
      if (type.number !== TYPE.tensor && type.number !== TYPE.sparseTensor) return undefined;
      return reader.fields(expectBytes(reader, type, what), what, (part) => {
        if (part.number === TENSOR_TYPE.elementType && part.wire === WIRE.varint) found.elementType = part;
        return undefined;
      });
    });
  });
  const { name, elementType } = found;
  if (!name) return { name: null, elementType };
  const text = yield* textOf(reader, name, { what: `the name of ${what}` });
  return { name: { text, at: name }, elementType };
}
