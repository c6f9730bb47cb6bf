import type { PagedBytes } from '../paged-bytes.ts';
import { MAX_NAME_BYTES, signed, small, textOf, varintsOf } from '../protobuf/values.ts';
import { forEachField, type Span, WIRE, type WireField } from '../protobuf/wire.ts';
import type { TypedField } from './data-types.ts';
import { STRING_ENTRY, TENSOR } from './schema.ts';

/**
 * Some of a repeated field: packed values one after the other; or, `tagged`, fields of one value each, from
 * the tag of the first to the end of the last.
 */
export interface TypedRun extends Span {
  readonly tagged: boolean;
}

/** Elements in a field of their type. */
export interface TypedData {
  readonly field: TypedField;
  readonly runs: readonly TypedRun[];
}

/** A TensorProto as it lies in the file; nothing of its elements was read. */
export interface TensorMessage extends Span {
  readonly name: string;
  /** Where the name stands; null where there is none. */
  readonly nameSpan: Span | null;
  readonly dataType: number;
  readonly dataTypeSpan: Span | null;
  readonly dims: readonly number[];
  /** The fields of `dims`, tags included. */
  readonly dimsSpans: readonly Span[];
  readonly raw: Span | null;
  readonly typed: readonly TypedData[];
  /** Where the strings of a tensor of strings stand. */
  readonly strings: readonly Span[];
  readonly isExternal: boolean;
  /** `location`, `offset`, `length`, … of data in another file, with the places of the values. */
  readonly external: ReadonlyMap<string, { readonly text: string; readonly span: Span }>;
}

/** Axes of a tensor; NumPy has at most 64. */
const MAX_AXES = 64;
/** Strings of one tensor that are listed. */
const MAX_STRINGS = 1_000_000;

const TYPED_FIELDS: Readonly<Record<number, { readonly field: TypedField; readonly wire: WireField['wire'] }>> = {
  [TENSOR.floatData]: { field: 'float_data', wire: WIRE.fixed32 },
  [TENSOR.int32Data]: { field: 'int32_data', wire: WIRE.varint },
  [TENSOR.int64Data]: { field: 'int64_data', wire: WIRE.varint },
  [TENSOR.doubleData]: { field: 'double_data', wire: WIRE.fixed64 },
  [TENSOR.uint64Data]: { field: 'uint64_data', wire: WIRE.varint },
};

type Draft = {
  -readonly [K in Exclude<
    keyof TensorMessage,
    'typed' | 'dims' | 'dimsSpans' | 'strings' | 'external'
  >]: TensorMessage[K];
} & {
  typed: { field: TypedField; runs: TypedRun[] }[];
  dims: number[];
  dimsSpans: Span[];
  strings: Span[];
  external: Map<string, { text: string; span: Span }>;
};

/** `what` is for errors: "initializer 3 of the graph". */
export async function readTensorMessage(bytes: PagedBytes, span: Span, what: string): Promise<TensorMessage> {
  const draft: Draft = {
    ...{ start: span.start, stop: span.stop, name: '', nameSpan: null, dataType: 0, dataTypeSpan: null, raw: null },
    ...{ dims: [], dimsSpans: [], typed: [], strings: [], isExternal: false, external: new Map() },
  };
  await forEachField(bytes, { ...span, what }, (field) => takeField(bytes, draft, field, what));
  return draft;
}

function takeField(bytes: PagedBytes, draft: Draft, field: WireField, what: string): Promise<void> | undefined {
  const { number, start, stop } = field;
  const typed = TYPED_FIELDS[number];
  if (typed) {
    takeTyped(bytes, draft, field, { ...typed, what });
    return undefined;
  }
  switch (number) {
    case TENSOR.dims:
      return takeDims(bytes, draft, field, what);
    case TENSOR.dataType:
      draft.dataType = small(expectVarint(bytes, field, what));
      draft.dataTypeSpan = { start, stop };
      return undefined;
    case TENSOR.name:
      return takeName(bytes, draft, field, what);
    case TENSOR.rawData:
      draft.raw = expectBytes(bytes, field, what);
      return undefined;
    case TENSOR.stringData:
      if (draft.strings.length >= MAX_STRINGS) bytes.fail(`${what} has more than ${MAX_STRINGS} strings`, field.at);
      draft.strings.push(expectBytes(bytes, field, what));
      return undefined;
    case TENSOR.externalData:
      return takeExternal(bytes, draft, field, what);
    case TENSOR.dataLocation:
      draft.isExternal = expectVarint(bytes, field, what) === 1n;
      return undefined;
    case TENSOR.segment:
      return bytes.fail(`${what} is one segment of a tensor, which nothing can put together`, field.at);
    default:
      return undefined;
  }
}

async function takeDims(bytes: PagedBytes, draft: Draft, field: WireField, what: string): Promise<void> {
  for (const value of await varintsOf(bytes, field, { what: `the shape of ${what}`, limit: MAX_AXES })) {
    const size = signed(value);
    if (size < 0n || size > BigInt(Number.MAX_SAFE_INTEGER))
      bytes.fail(`${what} has an axis of size ${size}`, field.at);
    draft.dims.push(Number(size));
  }
  if (draft.dims.length > MAX_AXES) bytes.fail(`${what} has more than ${MAX_AXES} axes`, field.at);
  draft.dimsSpans.push({ start: field.at, stop: field.stop });
}

async function takeName(bytes: PagedBytes, draft: Draft, field: WireField, what: string): Promise<void> {
  draft.nameSpan = expectBytes(bytes, field, what);
  draft.name = await textOf(bytes, field, { what: `the name of ${what}` });
}

async function takeExternal(bytes: PagedBytes, draft: Draft, field: WireField, what: string): Promise<void> {
  const place = `the external data of ${what}`;
  const entry = await readStringEntry(bytes, expectBytes(bytes, field, what), place);
  draft.external.set(entry.key, { text: entry.value, span: entry.valueSpan });
}

/** Values of a repeated field; neighbours of one kind are one run. */
function takeTyped(
  bytes: PagedBytes,
  draft: Draft,
  field: WireField,
  { field: name, wire, what }: { readonly field: TypedField; readonly wire: WireField['wire']; readonly what: string },
): void {
  if (field.wire !== wire && field.wire !== WIRE.bytes) {
    bytes.fail(`${what} is damaged: ${name} holds something else`, field.at);
  }
  let data = draft.typed.find((known) => known.field === name);
  if (!data) {
    data = { field: name, runs: [] };
    draft.typed.push(data);
  }
  const tagged = field.wire !== WIRE.bytes;
  const last = data.runs.at(-1);
  const start = tagged ? field.at : field.start;
  if (tagged && last?.tagged && last.stop === start) data.runs[data.runs.length - 1] = { ...last, stop: field.stop };
  else data.runs.push({ start, stop: field.stop, tagged });
}

export function expectBytes(bytes: PagedBytes, field: WireField, what: string): Span {
  if (field.wire === WIRE.bytes) return { start: field.start, stop: field.stop };
  return bytes.fail(`${what} is damaged: field ${field.number} is no text, message or bytes`, field.at);
}

export function expectVarint(bytes: PagedBytes, field: WireField, what: string): bigint {
  if (field.wire === WIRE.varint) return field.varint;
  return bytes.fail(`${what} is damaged: field ${field.number} is no whole number`, field.at);
}

export interface StringEntry {
  readonly key: string;
  readonly value: string;
  readonly valueSpan: Span;
}

/** A StringStringEntryProto. */
export async function readStringEntry(
  bytes: PagedBytes,
  span: Span,
  what: string,
  limit = MAX_NAME_BYTES,
): Promise<StringEntry> {
  let [key, value] = ['', ''];
  let valueSpan: Span = { start: span.stop, stop: span.stop };
  await forEachField(bytes, { ...span, what }, async (field) => {
    if (field.number === STRING_ENTRY.key) key = await textOf(bytes, expectBytes(bytes, field, what), { what });
    if (field.number !== STRING_ENTRY.value) return;
    valueSpan = expectBytes(bytes, field, what);
    value = await textOf(bytes, valueSpan, { what, limit });
  });
  return { key, value, valueSpan };
}
