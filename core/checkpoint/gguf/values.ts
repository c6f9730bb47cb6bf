import type { GGUFCursor } from './cursor.ts';
import { FIXED_BYTES, type FixedType, VALUE_TYPES, type ValueType } from './value-types.ts';

/** A value of the metadata: what people see of it, and where it lies. */
export interface GGUFValue {
  readonly type: ValueType;
  /** Of an array: the type of its elements and how many it has. */
  readonly array?: { readonly type: ValueType; readonly count: number };
  /** Bytes `[start, stop)` of the file, without the type in front. */
  readonly start: number;
  readonly stop: number;
  /** Strings and numbers as they are, arrays as JSON; cut, with an ellipsis, where nobody would read on. */
  readonly text: string;
}

/** Larger texts (the largest chat templates have some 20 KB) are shown cut. */
const MAX_STRING_TEXT = 1024 * 1024;
/** Elements of an array that are shown; token lists have 32,000 to 300,000. */
const MAX_SHOWN = 1024;
/** Characters of an array that are shown. */
const MAX_ARRAY_TEXT = 64 * 1024;
/** Bytes of one element of an array that are shown. */
const MAX_ELEMENT_TEXT = 4096;
/** Strings have to be walked one by one; the largest vocabularies have a few hundred thousand. */
const MAX_STRINGS = 2 ** 24;
/** Arrays in arrays; real files have at most one in another. */
const MAX_DEPTH = 4;

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The value at the cursor, of a type that was read already; leaves the cursor behind it. */
export async function readValue(cursor: GGUFCursor, type: ValueType, what: string): Promise<GGUFValue> {
  const start = cursor.position;
  if (type === 'string') {
    const text = await readText(cursor, MAX_STRING_TEXT, what);
    return { type, start, stop: cursor.position, text };
  }
  if (type === 'array') {
    const { elements, text } = await readArray(cursor, what, 1);
    return { type, array: elements, start, stop: cursor.position, text };
  }
  await cursor.need(FIXED_BYTES[type], what);
  const value = takeFixed(cursor, type);
  return { type, start, stop: cursor.position, text: String(value) };
}

/** @throws CheckpointFormatError for a number that stands for no type. */
export async function readType(cursor: GGUFCursor, what: string): Promise<ValueType> {
  await cursor.need(4, `the type of ${what}`);
  const number = cursor.u32();
  const type = VALUE_TYPES[number];
  if (type) return type;
  return cursor.fail(`${what} is of type ${number}, which GGUF does not have`, cursor.position - 4);
}

/** Takes a value that is at hand. Booleans must be 0 or 1. */
function takeFixed(cursor: GGUFCursor, type: FixedType): number | bigint | boolean {
  switch (type) {
    case 'uint8':
      return cursor.u8();
    case 'int8':
      return cursor.i8();
    case 'uint16':
      return cursor.u16();
    case 'int16':
      return cursor.i16();
    case 'uint32':
      return cursor.u32();
    case 'int32':
      return cursor.i32();
    case 'float32':
      return cursor.f32();
    case 'float64':
      return cursor.f64();
    case 'uint64':
      return cursor.u64();
    case 'int64':
      return cursor.i64();
    case 'bool': {
      const value = cursor.u8();
      if (value > 1) cursor.fail(`a truth value is ${value}; it can be 0 or 1`, cursor.position - 1);
      return value === 1;
    }
  }
}

/** The next string, of which at most `limit` bytes are decoded. */
async function readText(cursor: GGUFCursor, limit: number, what: string): Promise<string> {
  await cursor.need(8, what);
  const length = cursor.size64(`the length of ${what}`);
  cursor.check(length, what);
  const shown = Math.min(length, limit);
  await cursor.need(shown, what);
  const text = UTF8.decode(cursor.bytes(shown));
  cursor.skip(length - shown, what);
  return shown < length ? `${text}…` : text;
}

interface ReadArray {
  readonly elements: { readonly type: ValueType; readonly count: number };
  readonly text: string;
}

async function readArray(cursor: GGUFCursor, what: string, depth: number): Promise<ReadArray> {
  if (depth > MAX_DEPTH) cursor.fail(`${what} has more than ${MAX_DEPTH} arrays in each other`);
  const type = await readType(cursor, `the elements of ${what}`);
  await cursor.need(8, `the length of ${what}`);
  const count = cursor.size64(`the length of ${what}`);
  const least = type === 'array' ? 12 : type === 'string' ? 8 : FIXED_BYTES[type];
  if (count > cursor.remaining / least) {
    cursor.fail(`${what} is said to have ${count} elements; the file has room for fewer`, cursor.position - 8);
  }
  const elements = { type, count };
  if (type === 'array') return { elements, text: await readNested(cursor, { count, what, depth }) };
  if (type === 'string') return { elements, text: await readStrings(cursor, count, what) };
  return { elements, text: await readNumbers(cursor, elements as { type: FixedType; count: number }, what) };
}

/** The shown elements of an array, as JSON. */
class ArrayText {
  readonly #parts: string[] = [];
  #length = 0;

  get full(): boolean {
    return this.#parts.length >= MAX_SHOWN || this.#length > MAX_ARRAY_TEXT;
  }

  add(part: string): void {
    this.#parts.push(part);
    this.#length += part.length + 1;
  }

  finish(count: number): string {
    if (this.#parts.length === count) return `[${this.#parts.join(',')}]`;
    return `[${this.#parts.join(',')},…] (${count} elements)`;
  }
}

/** Integers that float64 cannot tell apart, and what is no finite number, are written as strings. */
function toJSON(value: number | bigint | boolean): string {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0.0' : String(value);
}

async function readNumbers(
  cursor: GGUFCursor,
  { type, count }: { type: FixedType; count: number },
  what: string,
): Promise<string> {
  const size = FIXED_BYTES[type];
  const text = new ArrayText();
  let taken = 0;
  await cursor.need(Math.min(count, MAX_SHOWN) * size, what);
  for (; taken < count && !text.full; taken++) text.add(toJSON(takeFixed(cursor, type)));
  cursor.skip((count - taken) * size, what);
  return text.finish(count);
}

async function readStrings(cursor: GGUFCursor, count: number, what: string): Promise<string> {
  if (count > MAX_STRINGS)
    cursor.fail(`${what} is said to have ${count} strings; more than ${MAX_STRINGS} are not read`);
  const text = new ArrayText();
  for (let i = 0; i < count; i++) {
    if (!text.full) text.add(JSON.stringify(await readText(cursor, MAX_ELEMENT_TEXT, what)));
    else {
      if (!cursor.has(8)) await cursor.need(8, what);
      cursor.skip(cursor.size64(`the length of a string of ${what}`), what);
    }
  }
  return text.finish(count);
}

async function readNested(
  cursor: GGUFCursor,
  { count, what, depth }: { count: number; what: string; depth: number },
): Promise<string> {
  if (count > MAX_STRINGS)
    cursor.fail(`${what} is said to have ${count} arrays; more than ${MAX_STRINGS} are not read`);
  const text = new ArrayText();
  for (let i = 0; i < count; i++) {
    const inner = await readArray(cursor, what, depth + 1);
    if (!text.full) text.add(inner.text);
  }
  return text.finish(count);
}
