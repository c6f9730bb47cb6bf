import { isUtf8 } from 'node:buffer';
import { CheckpointFormatError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { Entry } from '../checkpoint.ts';
import { DTYPE_TOKENS, type DTypeToken, tokenNamed } from './dtypes.ts';
import { describeByte, type Fail, JsonCursor, type Span } from './json-cursor.ts';
import { NameTable } from './name-table.ts';
import { checkPlacement, type Placement } from './placement.ts';
import { SpanTable } from './span-table.ts';
import { firstInvalidByte } from './utf8.ts';

/** The header's length comes first, as a little-endian 64-bit integer. */
export const PREFIX = 8;

/** The reference implementation's limit; the largest header known to us has 1.29 million tensors and fits. */
export const MAX_HEADER = 100_000_000;

export const METADATA_KEY = '__metadata__';

const OPEN_BRACE = 0x7b;

const FIELDS = ['dtype', 'shape', 'data_offsets'].map((name) => ({ name, token: Buffer.from(`"${name}"`) }));
const [DTYPE, SHAPE] = [0, 1];

const NONE = new Uint8Array();

interface Description {
  dtype: DType;
  shape: readonly number[];
  begin: number;
  end: number;
}

export type TensorColumn = 'member' | 'key' | 'dtype' | 'shape' | 'offsets';
export type PairColumn = 'member' | 'key' | 'value';

/** Where the header's own metadata lies in its text. */
export interface MetadataPlace {
  /** Which of the header's members it is. */
  readonly row: number;
  readonly value: Span;
  /** One row per key; null where the value is JSON's null, which the reference reads as none. */
  readonly pairs: SpanTable<PairColumn> | null;
}

/** A parsed header with its text, so that an edit can patch what it changes and keep the rest. */
export interface SafetensorsHeader {
  /** From the first byte of the file to the first of the data; span positions count from here. */
  readonly bytes: Buffer;
  readonly fileSize: number;
  /** `Entry.file` of its entries. */
  readonly file: number;
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** One row per member of the header's object, in order, the metadata among them. */
  readonly members: SpanTable<TensorColumn>;
  readonly metadataPlace: MetadataPlace | null;
  /** Indices of `entries` as their data follow each other in the file. */
  readonly dataOrder: Uint32Array;
  /** Index into `entries`; undefined where no tensor has that name. */
  indexOf(name: string): number | undefined;
}

export interface HeaderInput {
  /** Prefix and header, nothing of the data. */
  readonly bytes: Uint8Array;
  /** For messages. */
  readonly name: string;
  readonly fileSize: number;
  /** Becomes `Entry.file`. */
  readonly file: number;
}

/**
 * Parses and checks a header by the rules of the format (https://github.com/huggingface/safetensors,
 * README and safetensors/src/tensor.rs), plus two that the format states and the reference leaves
 * unchecked: the header begins with `{`, and no key repeats.
 *
 * @throws CheckpointFormatError; `details.offset` is the byte of the file where the rule is broken.
 */
export function parseHeader(input: HeaderInput): SafetensorsHeader {
  return new HeaderParser(input).parse();
}

class HeaderParser {
  private readonly input: HeaderInput;
  private readonly cursor: JsonCursor;
  private readonly members = new SpanTable<TensorColumn>(['member', 'key', 'dtype', 'shape', 'offsets']);
  private readonly entries: Entry[] = [];
  private readonly names = new NameTable((index) => this.entries[index]?.name ?? '');
  private metadata: Record<string, string> = {};
  private metadataPlace: MetadataPlace | null = null;
  private lastDType: DTypeToken | null = null;
  /** Neighbours mostly have one shape: the text tells, and they share the array. */
  private lastShape: { readonly text: Uint8Array; readonly sizes: readonly number[] } = { text: NONE, sizes: [] };
  /** The description that is being read: 200,000 objects for it would keep the collector busy. */
  private readonly read: Description = { dtype: 'float32', shape: [], begin: 0, end: 0 };
  /** The tensor that is being read: messages begin with it. */
  private current: string | null = null;

  constructor(input: HeaderInput) {
    this.input = input;
    this.cursor = new JsonCursor(input.bytes, { start: PREFIX, end: input.bytes.length }, this.fail);
  }

  parse(): SafetensorsHeader {
    const { cursor, input } = this;
    this.checkText();
    if (cursor.enterObject('the header')) {
      do this.member();
      while (cursor.nextMember('the header'));
    }
    if (cursor.peek() >= 0) cursor.unexpected('nothing but padding may follow the JSON object');
    const placement: Placement = { entries: this.entries, dataStart: input.bytes.length, fileSize: input.fileSize };
    const dataOrder = checkPlacement(placement, (problem, at) =>
      this.fail(problem, 'entry' in at ? this.offsetsPosition(at.entry) : at.offset),
    );
    return {
      bytes: cursor.bytes,
      fileSize: input.fileSize,
      file: input.file,
      entries: this.entries,
      metadata: this.metadata,
      members: this.members,
      metadataPlace: this.metadataPlace,
      dataOrder,
      indexOf: (name) => this.names.indexOf(name),
    };
  }

  private readonly fail: Fail = (problem, offset) => {
    const context = this.current === null ? '' : `tensor ${JSON.stringify(this.current)}: `;
    throw new CheckpointFormatError(`${this.input.name}: ${context}${problem} (byte ${offset} of the file).`, {
      file: this.input.name,
      offset,
    });
  };

  private checkText(): void {
    const { bytes } = this.input;
    const text = bytes.subarray(PREFIX);
    if (!isUtf8(text)) this.fail('the header is not valid UTF-8', PREFIX + firstInvalidByte(text));
    if (text.length === 0) this.fail('the header is empty: not even {} is there', PREFIX);
    if (text[0] !== OPEN_BRACE) {
      this.fail(`the header is not JSON: it must begin with {, not with ${describeByte(text[0] ?? 0)}`, PREFIX);
    }
  }

  private member(): void {
    const { cursor } = this;
    const row = this.members.addRow();
    cursor.key('the header');
    const keyStart = cursor.tokenStart;
    const name = cursor.text();
    this.members.set(row, 'key', keyStart, cursor.tokenEnd);
    if (name === METADATA_KEY) this.readMetadata(row, keyStart);
    else this.tensor(row, name, keyStart);
    this.members.set(row, 'member', keyStart, cursor.position);
  }

  private tensor(row: number, name: string, keyStart: number): void {
    const { cursor, read, input } = this;
    const hash = cursor.textHash();
    this.current = name;
    this.fields(row);
    this.current = null;
    if (!this.names.add(name, hash)) this.fail(`two tensors have the name ${JSON.stringify(name)}`, keyStart);
    const { dtype, shape, begin, end } = read;
    const offset = input.bytes.length + begin;
    this.entries.push({ name, dtype, shape, nbytes: end - begin, file: input.file, offset });
  }

  /** Reads dtype, shape and byte range into `read`. */
  private fields(row: number): void {
    const { cursor, read } = this;
    const what = 'its description';
    const start = cursor.position;
    let seen = 0;
    for (let more = cursor.enterObject(what); more; more = cursor.nextMember(what)) {
      cursor.key(what);
      const keyStart = cursor.tokenStart;
      const field = this.fieldIndex();
      if (field < 0) {
        cursor.value(what);
        continue;
      }
      if (seen & (1 << field)) this.fail(`"${FIELDS[field]?.name}" stands there twice`, keyStart);
      seen |= 1 << field;
      if (field === DTYPE) read.dtype = this.dtype(row);
      else if (field === SHAPE) read.shape = this.shape(row);
      else this.offsets(row);
    }
    const missing = FIELDS.find((_, field) => (seen & (1 << field)) === 0);
    if (missing) this.fail(`"${missing.name}" is missing`, start);
  }

  /** Which of `FIELDS` the last key names; −1 for any other. The three that matter cost no string. */
  private fieldIndex(): number {
    for (let field = 0; field < FIELDS.length; field++) {
      const { name = '', token = NONE } = FIELDS[field] ?? {};
      if (this.cursor.tokenIs(token) || (this.cursor.tokenHasEscapes && this.cursor.text() === name)) return field;
    }
    return -1;
  }

  private dtype(row: number): DType {
    const { cursor } = this;
    cursor.string('the dtype');
    const { tokenStart, tokenEnd } = cursor;
    this.members.set(row, 'dtype', tokenStart, tokenEnd);
    if (this.lastDType && cursor.tokenIs(this.lastDType.token)) return this.lastDType.dtype;
    const known = DTYPE_TOKENS.find(({ token }) => cursor.tokenIs(token)) ?? tokenNamed(cursor.text());
    if (known === undefined) {
      const names = DTYPE_TOKENS.map(({ name }) => name).join(', ');
      return this.fail(`unknown dtype ${JSON.stringify(cursor.text())}; the format knows ${names}`, tokenStart);
    }
    this.lastDType = known;
    return known.dtype;
  }

  private shape(row: number): readonly number[] {
    const { cursor, lastShape } = this;
    const label = 'the shape';
    cursor.peek();
    const start = cursor.position;
    if (cursor.skip(lastShape.text)) {
      this.members.set(row, 'shape', start, cursor.position);
      return lastShape.sizes;
    }
    const sizes: number[] = [];
    for (let more = cursor.enterArray(label); more; more = cursor.nextItem(label)) sizes.push(cursor.count(label));
    this.members.set(row, 'shape', start, cursor.position);
    this.lastShape = { text: cursor.bytes.subarray(start, cursor.position), sizes };
    return sizes;
  }

  private offsets(row: number): void {
    const { cursor, read } = this;
    const label = 'data_offsets';
    cursor.peek();
    const start = cursor.position;
    let values = 0;
    for (let more = cursor.enterArray(label); more; more = cursor.nextItem(label)) {
      const value = cursor.count(label);
      if (values === 0) read.begin = value;
      else read.end = value;
      values++;
    }
    this.members.set(row, 'offsets', start, cursor.position);
    if (values !== 2) this.fail(`${label} must be two numbers, [begin, end]; there are ${values}`, start);
  }

  private readMetadata(row: number, keyStart: number): void {
    const { cursor } = this;
    if (this.metadataPlace) this.fail(`the header has "${METADATA_KEY}" twice`, keyStart);
    const isNull = cursor.peek() === 0x6e;
    const start = cursor.position;
    const pairs = isNull ? null : this.pairs();
    if (isNull) cursor.value(METADATA_KEY);
    this.metadataPlace = { row, value: { start, end: cursor.position }, pairs };
  }

  private pairs(): SpanTable<PairColumn> {
    const { cursor } = this;
    const table = new SpanTable<PairColumn>(['member', 'key', 'value']);
    const pairs = new Map<string, string>();
    for (let more = cursor.enterObject(METADATA_KEY); more; more = cursor.nextMember(METADATA_KEY)) {
      const row = table.addRow();
      cursor.key(METADATA_KEY);
      const keyStart = cursor.tokenStart;
      table.set(row, 'key', keyStart, cursor.tokenEnd);
      const key = cursor.text();
      if (pairs.has(key)) this.fail(`${METADATA_KEY} has the key ${JSON.stringify(key)} twice`, keyStart);
      cursor.string(`the value of ${JSON.stringify(key)} in ${METADATA_KEY}`);
      table.set(row, 'value', cursor.tokenStart, cursor.tokenEnd);
      table.set(row, 'member', keyStart, cursor.tokenEnd);
      pairs.set(key, cursor.text());
    }
    this.metadata = Object.fromEntries(pairs);
    return table;
  }

  private offsetsPosition(entry: number): number {
    const metadataRow = this.metadataPlace?.row ?? Number.POSITIVE_INFINITY;
    return this.members.get(memberRow(entry, metadataRow), 'offsets').start;
  }
}

/** The row of an entry among the header's members, of which the metadata may be one. */
export function memberRow(entry: number, metadataRow: number): number {
  return entry >= metadataRow ? entry + 1 : entry;
}
