import { CheckpointFormatError, UnsafeCheckpointError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import { dtypeOfDescription, swapSizeOf } from './descr.ts';
import type { PythonLiteral } from './python-literal.ts';

/** What the elements of an array are. */
export type NpyType =
  /** Numbers; `swap` is the size of what is to be reversed, 1 for none. */
  | { readonly kind: 'number'; readonly dtype: DType; readonly itemsize: number; readonly swap: number }
  /** Texts, dates, raw bytes and numbers that no tensor here can have, by a name for people. */
  | {
      readonly kind: 'other';
      readonly name: string;
      readonly itemsize: number;
      readonly code: string;
      readonly bigEndian: boolean;
    }
  | { readonly kind: 'record'; readonly fields: readonly NpyField[]; readonly itemsize: number };

export interface NpyField {
  readonly name: string;
  readonly type: NpyType;
  /** Bytes before it in a record. */
  readonly offset: number;
  /** Of a field that is an array; `[]` for one element. */
  readonly shape: Shape;
}

/** Bytes that no record comes near. */
const MAX_ITEMSIZE = 2 ** 31;

/**
 * The type that a header's `descr` stands for (numpy.lib.format.descr_to_dtype).
 *
 * @throws UnsafeCheckpointError for Python objects, which are pickles.
 * @throws CheckpointFormatError for what is no description.
 */
export function npyType(descr: PythonLiteral | undefined, file: string): NpyType {
  if (typeof descr === 'string') return scalarType(descr, file);
  if (typeof descr !== 'object' || descr?.kind !== 'list' || descr.items.length === 0)
    return fail(file, 'the type of its elements cannot be read');
  const fields: NpyField[] = [];
  let offset = 0;
  for (const item of descr.items) {
    const { name, type, shape } = field(item, file);
    // Fields without a name pad the record.
    if (name !== '') fields.push({ name, type, shape, offset });
    offset += type.itemsize * elementCount(shape);
    if (offset > MAX_ITEMSIZE) return fail(file, `its type describes records of more than ${MAX_ITEMSIZE} bytes`);
  }
  return { kind: 'record', fields, itemsize: offset };
}

function field(item: PythonLiteral, file: string): Pick<NpyField, 'name' | 'type' | 'shape'> {
  if (typeof item !== 'object' || item?.kind !== 'tuple') return fail(file, 'the type of its elements cannot be read');
  const [title, descr, sizes] = item.items;
  // A name may come with a title: `('title', 'name')`.
  const name = typeof title === 'object' && title?.kind === 'tuple' ? title.items[1] : title;
  if (typeof name !== 'string' || descr === undefined) return fail(file, 'the type of its elements cannot be read');
  return { name, type: npyType(descr, file), shape: sizes === undefined ? [] : npyShape(sizes, file) };
}

/** @throws CheckpointFormatError */
export function npyShape(value: PythonLiteral | undefined, file: string): number[] {
  const items =
    typeof value === 'number' ? [value] : typeof value === 'object' && value?.kind === 'tuple' ? value.items : null;
  const sizes = items?.filter((size): size is number => Number.isSafeInteger(size) && Number(size) >= 0);
  if (sizes && sizes.length === items?.length && Number.isSafeInteger(elementCount(sizes))) return sizes;
  return fail(file, 'its shape cannot be real');
}

function scalarType(text: string, file: string): NpyType {
  const [, order = '', code = '', digits = '', unit = ''] = /^([<>|=]?)([a-zA-Z?])(\d*)(\[\w+\])?$/.exec(text) ?? [];
  if (code === '') return fail(file, `its elements have the unknown type '${text}'`);
  if (code === 'O') {
    throw new UnsafeCheckpointError(
      `${file} holds Python objects (dtype '${text}'): reading them would run code, so they are not read.`,
      { file },
    );
  }
  const description = code === '?' ? 'b1' : `${code}${digits}`;
  const dtype = dtypeOfDescription(description);
  const bigEndian = order === '>';
  const size = Number(digits || 1);
  if (size > MAX_ITEMSIZE) return fail(file, `its type describes elements of ${size} bytes`);
  if (dtype !== undefined) {
    return { kind: 'number', dtype, itemsize: size, swap: bigEndian ? swapSizeOf(description) : 1 };
  }
  const other = otherType(code, size, unit);
  if (other === null) return fail(file, `its elements have the unknown type '${text}'`);
  return { kind: 'other', ...other, code, bigEndian };
}

function otherType(code: string, size: number, unit: string): { name: string; itemsize: number } | null {
  switch (code) {
    case 'S':
    case 'a':
      return { name: `bytes${size * 8}`, itemsize: size };
    case 'U':
      return { name: `str${size * 32}`, itemsize: size * 4 };
    case 'V':
      return { name: `void${size * 8}`, itemsize: size };
    case 'M':
      return { name: `datetime64${unit}`, itemsize: 8 };
    case 'm':
      return { name: `timedelta64${unit}`, itemsize: 8 };
    case 'f':
      return { name: `float${size * 8}`, itemsize: size };
    case 'c':
      return { name: `complex${size * 8}`, itemsize: size };
    default:
      return null;
  }
}

function fail(file: string, problem: string): never {
  throw new CheckpointFormatError(`${file}: ${problem} (byte 10 of it).`, {
    file,
    offset: 10,
  });
}
