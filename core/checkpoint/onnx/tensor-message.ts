import { expectBytes, expectVarint, textOf, varintsOf } from '../protobuf/values.ts';
import { type Span, WIRE, type WireField, type WireType } from '../protobuf/wire.ts';
import type { Steps, WireReader } from '../protobuf/wire-reader.ts';
import type { TypedField } from './data-types.ts';
import { TENSOR } from './schema.ts';
import { readStringEntry, type StringEntry } from './string-entry.ts';

/**
 * Some of a repeated field: packed values one after the other; or, `tagged`, fields of one value each, from
 * the tag of the first to the end of the last. `at` is where the first tag begins.
 */
export interface TypedRun extends Span {
  readonly at: number;
  readonly tagged: boolean;
}

/** Elements in a field of their type. */
export interface TypedData {
  readonly field: TypedField;
  readonly runs: TypedRun[];
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
  readonly raw: WireField | null;
  readonly typed: readonly TypedData[];
  /** Where the strings of a tensor of strings stand. */
  readonly strings: readonly Span[];
  readonly isExternal: boolean;
  /** The fields that say so, tags included: protobuf lets a field stand twice, the last one counts. */
  readonly locationFields: readonly Span[];
  /** `location`, `offset`, `length`, … of data in another file. */
  readonly external: readonly StringEntry[];
}

/** Axes of a tensor; NumPy has at most 64. */
const MAX_AXES = 64;
/** Strings of one tensor that are listed. */
const MAX_STRINGS = 1_000_000;
/** onnx.proto speaks of five keys. */
const MAX_EXTERNAL = 64;

const TYPED_FIELDS: Readonly<Record<number, { readonly name: TypedField; readonly wire: WireType }>> = {
  [TENSOR.floatData]: { name: 'float_data', wire: WIRE.fixed32 },
  [TENSOR.int32Data]: { name: 'int32_data', wire: WIRE.varint },
  [TENSOR.int64Data]: { name: 'int64_data', wire: WIRE.varint },
  [TENSOR.doubleData]: { name: 'double_data', wire: WIRE.fixed64 },
  [TENSOR.uint64Data]: { name: 'uint64_data', wire: WIRE.varint },
};

/** `what` is for errors: "graph.initializer[3]". */
export function* readTensorMessage(reader: WireReader, span: Span, what: string): Steps<TensorMessage> {
  const tensor = new TensorReader(reader, what);
  yield* reader.fields(span, what, (field) => tensor.take(field));
  return tensor.finish(span);
}

class TensorReader {
  readonly #reader: WireReader;
  readonly #what: string;
  readonly #dims: number[] = [];
  readonly #dimsSpans: Span[] = [];
  readonly #typed: TypedData[] = [];
  readonly #strings: Span[] = [];
  readonly #locationFields: Span[] = [];
  readonly #external: StringEntry[] = [];
  #name = '';
  #nameSpan: Span | null = null;
  #dataType = 0;
  #dataTypeSpan: Span | null = null;
  #raw: WireField | null = null;
  #isExternal = false;

  constructor(reader: WireReader, what: string) {
    this.#reader = reader;
    this.#what = what;
  }

  finish({ start, stop }: Span): TensorMessage {
    return {
      start,
      stop,
      name: this.#name,
      nameSpan: this.#nameSpan,
      dataType: this.#dataType,
      dataTypeSpan: this.#dataTypeSpan,
      dims: this.#dims,
      dimsSpans: this.#dimsSpans,
      raw: this.#raw,
      typed: this.#typed,
      strings: this.#strings,
      isExternal: this.#isExternal,
      locationFields: this.#locationFields,
      external: this.#external,
    };
  }

  take(field: WireField): Steps<void> | undefined {
    switch (field.number) {
      case TENSOR.dims:
        return this.#takeDims(field);
      case TENSOR.dataType:
        this.#dataType = expectVarint(this.#reader, field, this.#what);
        this.#dataTypeSpan = field;
        return undefined;
      case TENSOR.name:
        return this.#takeName(field);
      case TENSOR.rawData:
        this.#raw = expectBytes(this.#reader, field, this.#what);
        return undefined;
      case TENSOR.stringData:
        if (this.#strings.length >= MAX_STRINGS) this.#fail(`has more than ${MAX_STRINGS} strings`, field);
        this.#strings.push(expectBytes(this.#reader, field, this.#what));
        return undefined;
      case TENSOR.externalData:
        return this.#takeExternal(field);
      case TENSOR.dataLocation:
        if (this.#locationFields.length >= MAX_EXTERNAL) this.#fail('says too often where its data is', field);
        this.#isExternal = expectVarint(this.#reader, field, this.#what) === 1;
        this.#locationFields.push({ start: field.at, stop: field.stop });
        return undefined;
      case TENSOR.segment:
        return this.#fail('is one segment of a tensor, which nothing can put together', field);
      default:
        this.#takeTyped(field);
        return undefined;
    }
  }

  #fail(problem: string, field: WireField): never {
    return this.#reader.fail(`${this.#what} ${problem}`, field.at);
  }

  *#takeDims(field: WireField): Steps<void> {
    const sizes = yield* varintsOf(this.#reader, field, { what: `the shape of ${this.#what}`, limit: MAX_AXES });
    for (const size of sizes) {
      if (size < 0 || !Number.isSafeInteger(size)) this.#fail(`has an axis of size ${size}`, field);
      this.#dims.push(size);
    }
    if (this.#dims.length > MAX_AXES) this.#fail(`has more than ${MAX_AXES} axes`, field);
    this.#dimsSpans.push({ start: field.at, stop: field.stop });
  }

  *#takeName(field: WireField): Steps<void> {
    this.#nameSpan = expectBytes(this.#reader, field, this.#what);
    this.#name = yield* textOf(this.#reader, field, { what: `the name of ${this.#what}` });
  }

  *#takeExternal(field: WireField): Steps<void> {
    if (this.#external.length >= MAX_EXTERNAL) this.#fail('says too much of its external data', field);
    const span = expectBytes(this.#reader, field, this.#what);
    this.#external.push(yield* readStringEntry(this.#reader, span, { what: `the external data of ${this.#what}` }));
  }

  /** Values of a repeated field; neighbours of one kind are one run. */
  #takeTyped(field: WireField): void {
    const known = TYPED_FIELDS[field.number];
    if (!known) return;
    const tagged = field.wire !== WIRE.bytes;
    if (tagged && field.wire !== known.wire) this.#fail(`is damaged: ${known.name} holds something else`, field);
    let data = this.#typed.find((other) => other.field === known.name);
    if (!data) {
      data = { field: known.name, runs: [] };
      this.#typed.push(data);
    }
    const { runs } = data;
    const last = runs.at(-1);
    if (tagged && last?.tagged && last.stop === field.at) runs[runs.length - 1] = { ...last, stop: field.stop };
    else runs.push({ at: field.at, start: tagged ? field.at : field.start, stop: field.stop, tagged });
  }
}
