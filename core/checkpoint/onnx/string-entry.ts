import { expectBytes, MAX_NAME_BYTES, textOf } from '../protobuf/values.ts';
import type { Span, WireField } from '../protobuf/wire.ts';
import type { Steps, WireReader } from '../protobuf/wire-reader.ts';
import { STRING_ENTRY } from './schema.ts';

/** A StringStringEntryProto, and where its value stands. */
export interface StringEntry {
  readonly key: string;
  readonly value: string;
  /** Null where there is none, which stands for the empty text. */
  readonly valueSpan: Span | null;
  /** The entry, and its whole field with the tag. */
  readonly message: Span;
  readonly field: Span;
}

export function* readStringEntry(
  reader: WireReader,
  span: WireField,
  { what, limit = MAX_NAME_BYTES }: { readonly what: string; readonly limit?: number },
): Steps<StringEntry> {
  let key: Span | null = null;
  let value: Span | null = null;
  yield* reader.fields(span, what, (field) => {
    if (field.number === STRING_ENTRY.key) key = expectBytes(reader, field, what);
    if (field.number === STRING_ENTRY.value) value = expectBytes(reader, field, what);
    return undefined;
  });
  const nothing = { start: span.stop, stop: span.stop };
  return {
    key: yield* textOf(reader, key ?? nothing, { what }),
    value: yield* textOf(reader, value ?? nothing, { what, limit }),
    valueSpan: value,
    message: { start: span.start, stop: span.stop },
    field: { start: span.at, stop: span.stop },
  };
}
