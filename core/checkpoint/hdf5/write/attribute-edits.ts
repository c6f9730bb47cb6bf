import { InvalidArgumentError } from '../../../errors.ts';
import { readDataspace } from '../dataset-messages.ts';
import { type Datatype, readDatatype } from '../datatype.ts';
import { Fields, type HdfBytes } from '../fields.ts';
import { MESSAGE } from '../object-header.ts';
import { attributeHead, attributeMessage, textAttribute } from './attribute-message.ts';
import { type AttributeValue, attributeValue, textsValue } from './attribute-value.ts';
import { dataspaceMessage } from './dataset-object.ts';
import type { HdfAttribute, HdfObject } from './model.ts';

/** Of an attribute message: its type is said elsewhere. */
const SHARED_TYPE = 1;
const STRING_CLASS = 3;
const TYPE_SIZE_AT = 4;
/** Characters of a type of texts, in the upper half of its first byte of flags. */
const UTF8 = 0x10;
/** Of an attribute info message: attributes are numbered as they come. */
const TRACKED = 1;

/** Changes attributes of objects; `file` is the one that they were read from. */
export class AttributeEdits {
  readonly #file: HdfBytes;

  constructor(file: HdfBytes) {
    this.#file = file;
  }

  /** Gives an attribute a value of the type that it has; a new one is a text. @throws InvalidArgumentError */
  set(object: HdfObject, name: string, text: string): void {
    const former = object.attributes.find((attribute) => attribute.name === name);
    if (!former) {
      object.attributes.push({ ...textAttribute(name, text), order: nextOrder(object) });
      return;
    }
    const type = this.#typeOf(former);
    if (!type) throw new InvalidArgumentError(`The attribute '${name}' has a named type, and is kept as it is.`);
    const { space } = attributeHead(former);
    const shape = readDataspace(this.#fields(space))?.shape ?? null;
    replace(object, former, attributeValue(name, { type, shape }, text));
  }

  remove(object: HdfObject, name: string): void {
    object.attributes = object.attributes.filter((attribute) => attribute.name !== name);
  }

  /** A list of texts; undefined where the object has none of this name. */
  texts(object: HdfObject, name: string): string[] | undefined {
    const attribute = object.attributes.find((candidate) => candidate.name === name);
    const type = attribute && this.#typeOf(attribute);
    if (!attribute || !type) return undefined;
    const { content } = attribute;
    const { data } = attributeHead(attribute);
    if (type.kind === 'string') return fixedTexts(content.bytes.subarray(data), type);
    if (type.kind !== 'vlen' || !type.text) return undefined;
    const items = new Map(content.items.map(({ at, item }) => [at, item]));
    const count = Math.floor((content.bytes.length - data) / type.size);
    return Array.from({ length: count }, (_, i) => textOf(items.get(data + i * type.size + 4)?.bytes));
  }

  setTexts(object: HdfObject, name: string, texts: readonly string[]): void {
    const attribute = object.attributes.find((candidate) => candidate.name === name);
    const type = attribute && this.#typeOf(attribute);
    const value = type && textsValue(type, texts);
    if (attribute && value) replace(object, attribute, value);
  }

  /** Undefined where the type is said elsewhere. */
  #typeOf(attribute: HdfAttribute): Datatype | undefined {
    const { flags, type } = attributeHead(attribute);
    return flags & SHARED_TYPE ? undefined : readDatatype(this.#fields(type));
  }

  #fields(bytes: Buffer): Fields {
    return new Fields(this.#file, bytes, 0);
  }
}

function fixedTexts(bytes: Buffer, { size, padding }: Extract<Datatype, { kind: 'string' }>): string[] {
  return Array.from({ length: Math.floor(bytes.length / Math.max(1, size)) }, (_, i) => {
    const text = bytes.subarray(i * size, (i + 1) * size);
    return padding === 2 ? text.toString('utf8').trimEnd() : textOf(text);
  });
}

function textOf(bytes: Buffer | undefined): string {
  return (bytes ?? Buffer.alloc(0)).toString('utf8').replace(/\0.*$/s, '');
}

/** The same attribute with another value: of its type, in the size that the value takes. */
function replace(object: HdfObject, former: HdfAttribute, { shape, size, data }: AttributeValue): void {
  const { flags, type, space } = attributeHead(former);
  const sized = Buffer.from(type);
  sized.writeUInt32LE(size, TYPE_SIZE_AT);
  const isText = (type[0] ?? 0) % 16 === STRING_CLASS;
  // Texts of ASCII may have become more than that.
  if (isText && data.bytes.some((byte) => byte > 0x7f)) sized[1] = ((sized[1] ?? 0) & 0x0f) | UTF8;
  const sameShape = shape.length === 0 || shape.length > 1;
  const head = { flags, type: sized, space: sameShape ? space : dataspaceMessage(shape) };
  const attribute = attributeMessage(former.name, head, data, former.order);
  object.attributes = object.attributes.map((candidate) => (candidate === former ? attribute : candidate));
}

/** The number of an attribute that comes: the object's own count of them goes up; null where it keeps none. */
function nextOrder(object: HdfObject): number | null {
  const info = object.messages.find(({ type }) => type === MESSAGE.attributeInfo);
  if (!info || ((info.content.bytes[1] ?? 0) & TRACKED) === 0) return null;
  const next = info.content.bytes.readUInt16LE(2);
  info.content.bytes.writeUInt16LE(next + 1, 2);
  return next;
}
