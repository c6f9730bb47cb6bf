import { isUtf8 } from 'node:buffer';
import { CheckpointFormatError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { Entry } from '../checkpoint.ts';
import { DTYPE_TOKENS, type DTypeToken, tokenNamed } from './dtypes.ts';
import { describeByte, type Fail, JsonCursor, type Span } from './json-cursor.ts';
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
  private readonly byName = new Map<string, number>();
  private metadata: Record<string, string> = {};
  private metadataPlace: MetadataPlace | null = null;
  private lastDType: DTypeToken | null = null;
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
      indexOf: (name) => this.byName.get(name),
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
    this.current = name;
    const fields = this.fields(row);
    this.current = null;
    this.byName.set(name, this.entries.length);
    if (this.byName.size === this.entries.length) {
      this.fail(`two tensors have the name ${JSON.stringify(name)}`, keyStart);
    }
    this.entries.push({
      name,
      dtype: fields.dtype,
      shape: fields.shape,
      nbytes: fields.end - fields.begin,
      file: this.input.file,
      offset: this.input.bytes.length + fields.begin,
    });
  }

  private fields(row: number): { dtype: DType; shape: number[]; begin: number; end: number } {
    const { cursor } = this;
    const what = 'its description';
    const start = cursor.position;
    let dtype: DType | null = null;
    let shape: number[] | null = null;
    let offsets: readonly [number, number] | null = null;
    for (let more = cursor.enterObject(what); more; more = cursor.nextMember(what)) {
      cursor.key(what);
      const keyStart = cursor.tokenStart;
      switch (this.fieldName()) {
        case 'dtype':
          if (dtype !== null) this.fail('"dtype" stands there twice', keyStart);
          dtype = this.dtype(row);
          break;
        case 'shape':
          if (shape !== null) this.fail('"shape" stands there twice', keyStart);
          shape = this.shape(row);
          break;
        case 'data_offsets':
          if (offsets !== null) this.fail('"data_offsets" stands there twice', keyStart);
          offsets = this.offsets(row);
          break;
        default:
          cursor.value(what);
      }
    }
    if (dtype === null || shape === null || offsets === null) {
      const missing = dtype === null ? 'dtype' : shape === null ? 'shape' : 'data_offsets';
      return this.fail(`"${missing}" is missing`, start);
    }
    return { dtype, shape, begin: offsets[0], end: offsets[1] };
  }

  /** The three names that matter cost no string. */
  private fieldName(): string {
    for (const { name, token } of FIELDS) if (this.cursor.tokenIs(token)) return name;
    return this.cursor.text();
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

  private shape(row: number): number[] {
    const { cursor } = this;
    const label = 'the shape';
    const sizes: number[] = [];
    cursor.peek();
    const start = cursor.position;
    for (let more = cursor.enterArray(label); more; more = cursor.nextItem(label)) sizes.push(cursor.count(label));
    this.members.set(row, 'shape', start, cursor.position);
    return sizes;
  }

  private offsets(row: number): readonly [number, number] {
    const { cursor } = this;
    const label = 'data_offsets';
    const values: number[] = [];
    cursor.peek();
    const start = cursor.position;
    for (let more = cursor.enterArray(label); more; more = cursor.nextItem(label)) values.push(cursor.count(label));
    this.members.set(row, 'offsets', start, cursor.position);
    const [begin, end] = values;
    if (values.length !== 2 || begin === undefined || end === undefined) {
      return this.fail(`${label} must be two numbers, [begin, end]; there are ${values.length}`, start);
    }
    return [begin, end];
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
