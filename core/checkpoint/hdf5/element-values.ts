import { elementCount } from '../../ndarray/shape.ts';
import type { Datatype } from './datatype.ts';
import { numberType } from './element-type.ts';
import type { Fields, HdfBytes } from './fields.ts';

/** A value of an attribute or of an element: plain, as JSON would have it. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** Elements that are shown of an array. */
export const MAX_SHOWN = 256;

/** A model's configuration as text; the longest known to us has some megabytes. */
const MAX_STRING = 64 * 1024 * 1024;

/** A collection of strings and lists that are longer than their element. */
const COLLECTION_HEAD = 8;

/** The elements of an attribute, the first of them where there are many. */
export async function readValues(
  file: HdfBytes,
  { type, shape, data }: { readonly type: Datatype; readonly shape: readonly number[] | null; readonly data: Fields },
): Promise<PlainValue> {
  if (shape === null) return null;
  const count = elementCount(shape);
  if (count > 0 && type.size > data.left) data.fail('an attribute is shorter than its type');
  const shown = Math.min(count, MAX_SHOWN, Math.floor(data.left / Math.max(1, type.size)));
  const values: PlainValue[] = [];
  for (let i = 0; i < shown; i++) values.push(await readElement(file, type, data.part(type.size)));
  return shape.length === 0 ? (values[0] ?? null) : values;
}

/** One element. */
export async function readElement(file: HdfBytes, type: Datatype, fields: Fields): Promise<PlainValue> {
  switch (type.kind) {
    case 'string':
      return trimmed(fields.take(type.size), type.padding);
    case 'vlen':
      return await readList(file, type, fields);
    case 'compound':
      return numberType(type) ? complexText(type, fields) : await readRecord(file, type, fields);
    case 'array': {
      const shown = Math.min(elementCount(type.shape), MAX_SHOWN);
      const values: PlainValue[] = [];
      for (let i = 0; i < shown; i++) values.push(await readElement(file, type.base, fields.part(type.base.size)));
      return values;
    }
    case 'enum':
      return enumValue(type, fields);
    case 'integer':
    case 'float':
      return numberValue(type, fields.take(type.size));
    default:
      return `${type.size} bytes`;
  }
}

function trimmed(bytes: Buffer, padding: number): string {
  const text = bytes.toString('utf8');
  // Padding 2 is by spaces; else the text ends at its first NUL.
  return padding === 2 ? text.trimEnd() : text.replace(/\0.*$/s, '');
}

async function readRecord(
  file: HdfBytes,
  { members }: Extract<Datatype, { kind: 'compound' }>,
  fields: Fields,
): Promise<PlainValue> {
  const values: [string, PlainValue][] = [];
  for (const { name, offset, type } of members) {
    fields.at = offset;
    values.push([name, await readElement(file, type, fields.part(type.size))]);
  }
  return Object.fromEntries(values);
}

function complexText({ members, size }: Extract<Datatype, { kind: 'compound' }>, fields: Fields): PlainValue {
  const bytes = fields.take(size);
  const [real, imaginary] = members.map(({ type, offset }) =>
    numberValue(type, bytes.subarray(offset, offset + type.size)),
  );
  return `${real} + ${imaginary}i`;
}

function enumValue({ base, names, values }: Extract<Datatype, { kind: 'enum' }>, fields: Fields): PlainValue {
  const bytes = fields.take(base.size);
  for (const [index, name] of names.entries()) {
    if (!values.subarray(index * base.size, (index + 1) * base.size).equals(bytes)) continue;
    return name === 'TRUE' ? true : name === 'FALSE' ? false : name;
  }
  return numberValue(base, bytes);
}

function numberValue(type: Datatype, stored: Buffer): PlainValue {
  const known = numberType(type);
  if (!known) return `${type.size} bytes`;
  const bytes = known.bigEndian ? Buffer.from(stored).reverse() : stored;
  switch (known.dtype) {
    case 'float64':
      return bytes.readDoubleLE(0);
    case 'float32':
      return bytes.readFloatLE(0);
    case 'int64':
    case 'uint64': {
      const value = known.dtype === 'int64' ? bytes.readBigInt64LE(0) : bytes.readBigUInt64LE(0);
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    }
    case 'int8':
    case 'int16':
    case 'int32':
      return bytes.readIntLE(0, bytes.length);
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return bytes.readUIntLE(0, bytes.length);
    default:
      return `0x${Buffer.from(bytes).reverse().toString('hex')}`;
  }
}

/** A string or list in the file's global heap: its length, and where it lies there. */
async function readList(
  file: HdfBytes,
  type: Extract<Datatype, { kind: 'vlen' }>,
  fields: Fields,
): Promise<PlainValue> {
  const count = fields.u32();
  const address = fields.addressOrNull();
  const index = fields.u32();
  if (address === null || address === 0 || count === 0) return type.text ? '' : [];
  const object = await heapObject(file, address, index);
  if (type.text) return object.take(Math.min(count, object.left)).toString('utf8').replace(/\0.*$/s, '');
  const values: PlainValue[] = [];
  for (let i = 0; i < Math.min(count, MAX_SHOWN); i++)
    values.push(await readElement(file, type.base, object.part(type.base.size)));
  return values;
}

/** One object of a collection of the global heap (HDF5 File Format Specification, III.E). */
export async function heapObject(file: HdfBytes, address: number, wanted: number): Promise<Fields> {
  const what = 'a collection of the global heap';
  const prefix = COLLECTION_HEAD + file.widths.length;
  const head = await file.structure(address, prefix, { mark: 'GCOL', what });
  head.skip(4);
  const end = address + head.size();
  let at = address + prefix;
  while (at + prefix <= end) {
    const item = await file.fields(at, prefix, what);
    const index = item.u16();
    item.skip(6);
    const nbytes = item.size();
    if (index === wanted && nbytes <= MAX_STRING)
      return await file.fields(at + prefix, nbytes, 'an object of the global heap');
    if (index === wanted) return file.fail(`a text takes ${nbytes} bytes; ${MAX_STRING} are read`, at);
    if (index === 0) break;
    at += prefix + Math.ceil(nbytes / 8) * 8;
  }
  return file.fail(`object ${wanted} is not in its collection of the global heap`, address);
}
