import { InvalidArgumentError, ParascopeError } from '../../../errors.ts';
import { encodeScalar } from '../../../ndarray/scalar.ts';
import { elementCount } from '../../../ndarray/shape.ts';
import type { Datatype } from '../datatype.ts';
import { numberType } from '../element-type.ts';
import { MAX_SHOWN } from '../element-values.ts';
import { listOfText } from './attribute-message.ts';
import { type Movable, unmoved } from './model.ts';

/** Beside it a message has the name, the type and the shape. */
const MAX_BYTES = 60_000;

/** What an attribute is made of, without its value. */
export interface AttributeType {
  readonly type: Datatype;
  /** Null: no elements (H5S_NULL). */
  readonly shape: readonly number[] | null;
}

/** A new value of an attribute. */
export interface AttributeValue {
  readonly shape: readonly number[];
  /** Bytes of an element, which texts of a fixed length change. */
  readonly size: number;
  readonly data: Movable;
}

/**
 * A value as people write it, in the type that the attribute has: a text as it is, numbers and lists as JSON.
 *
 * @throws InvalidArgumentError where it is none of the type
 */
export function attributeValue(name: string, { type, shape }: AttributeType, text: string): AttributeValue {
  const refuse = (reason: string): never => {
    throw new InvalidArgumentError(`The attribute '${name}' ${reason}.`, { key: name });
  };
  if (shape === null) return refuse('has a type without elements, and takes no value');
  if (shape.length === 0) return small({ shape, ...elements(type, [text], refuse) }, refuse);
  if (elementCount(shape) > MAX_SHOWN) return refuse(`has more than ${MAX_SHOWN} elements, which are kept as they are`);
  const values = listOf(text);
  if (!values) return refuse('is a list: write it as JSON, such as ["a", "b"]');
  if (shape.length > 1 && values.length !== elementCount(shape)) {
    return refuse(`has ${elementCount(shape)} elements, not ${values.length}`);
  }
  return small({ shape: shape.length > 1 ? shape : [values.length], ...elements(type, values, refuse) }, refuse);
}

/** Objects hold no more than their headers have room for. */
function small(value: AttributeValue, refuse: Refuse): AttributeValue {
  const { length } = value.data.bytes;
  return length > MAX_BYTES ? refuse(`would take ${length} bytes; an HDF5 object holds up to ${MAX_BYTES}`) : value;
}

/** A list of texts in the type of one; undefined where the type is of no texts. */
export function textsValue(type: Datatype, texts: readonly string[]): AttributeValue | undefined {
  const shape = [texts.length];
  if (type.kind === 'string') return { shape, ...fixedTexts(type, texts) };
  if (type.kind === 'vlen' && type.text) return { shape, size: type.size, data: joined(texts.map(listOfText)) };
  return undefined;
}

/** The items of a list, each as text. */
function listOf(text: string): string[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  return parsed.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}

type Refuse = (reason: string) => never;

function elements(type: Datatype, values: readonly string[], refuse: Refuse): Pick<AttributeValue, 'size' | 'data'> {
  const texts = textsValue(type, values);
  if (texts) return { size: texts.size, data: texts.data };
  const number = numberType(type);
  const isPlain = type.kind === 'integer' || type.kind === 'float' || number?.dtype === 'bool';
  if (!number || !isPlain) {
    return refuse('is of a type whose values are kept as they are');
  }
  const encoded = values.map((value) => {
    try {
      const bytes = Buffer.from(encodeScalar(value, number.dtype));
      return number.bigEndian ? bytes.reverse() : bytes;
    } catch (error) {
      if (!(error instanceof ParascopeError)) throw error;
      return refuse(`is of ${number.dtype}: ${error.message.replace(/\.$/, '')}`);
    }
  });
  return { size: type.size, data: unmoved(Buffer.concat(encoded)) };
}

/** Texts of one length: as long as the longest, with a NUL behind it where the type has one. */
function fixedTexts(
  { padding }: Extract<Datatype, { kind: 'string' }>,
  values: readonly string[],
): Pick<AttributeValue, 'size' | 'data'> {
  const texts = values.map((value) => Buffer.from(value));
  const size = Math.max(1, ...texts.map((text) => text.length + (padding === 0 ? 1 : 0)));
  const bytes = Buffer.alloc(size * texts.length, padding === 2 ? ' ' : 0);
  for (const [i, text] of texts.entries()) text.copy(bytes, i * size);
  return { size, data: unmoved(bytes) };
}

function joined(parts: readonly Movable[]): Movable {
  const items: { at: number; item: Movable }[] = [];
  let start = 0;
  for (const part of parts) {
    for (const { at, item } of part.items) items.push({ at: at + start, item });
    start += part.bytes.length;
  }
  return { bytes: Buffer.concat(parts.map(({ bytes }) => bytes)), objects: [], items };
}
