import { InvalidArgumentError } from '../../../errors.ts';
import { MESSAGE } from '../object-header.ts';
import { dataspaceMessage } from './dataset-object.ts';
import { textType } from './datatype-message.ts';
import { FieldWriter, padded } from './field-writer.ts';
import { type HdfAttribute, type Movable, unmoved } from './model.ts';

/** More does not fit in a message of an object header. */
export const MAX_MESSAGE = 65_528;

const UTF8 = 1;

/** Of an attribute message: its type and shape, as they are written. */
export interface AttributeHead {
  readonly flags: number;
  readonly type: Buffer;
  readonly space: Buffer;
}

/** An attribute message of version 3 with the elements `data`; `objects` are addresses within the type. */
export function attributeMessage(
  name: string,
  { flags, type, space }: AttributeHead,
  data: Movable,
  order: number | null = null,
): HdfAttribute {
  const text = Buffer.from(`${name}\0`);
  const head = new FieldWriter().u8(3, flags).u16(text.length).u16(type.length).u16(space.length).u8(UTF8);
  head.raw(text).raw(type).raw(space);
  const start = head.length;
  const bytes = head.raw(data.bytes).bytes();
  if (bytes.length > MAX_MESSAGE) {
    throw new InvalidArgumentError(
      `The attribute '${name}' takes ${bytes.length} bytes; an HDF5 object holds up to ${MAX_MESSAGE}.`,
      { key: name },
    );
  }
  const objects = data.objects.map(({ at, address }) => ({ at: at + start, address }));
  const items = data.items.map(({ at, item }) => ({ at: at + start, item }));
  return { name, type: MESSAGE.attribute, flags: 0, order, content: { bytes, objects, items } };
}

/** An attribute that is one text, as h5py writes a string. */
export function textAttribute(name: string, text: string): HdfAttribute {
  return attributeMessage(name, { flags: 0, type: textType(), space: dataspaceMessage([]) }, listOfText(text));
}

/** The element of a text of any length: its bytes, and where they are. */
export function listOfText(text: string): Movable {
  const bytes = Buffer.from(text);
  const element = new FieldWriter().u32(bytes.length).fill(16).bytes();
  return bytes.length === 0
    ? unmoved(element)
    : { bytes: element, objects: [], items: [{ at: 4, item: unmoved(bytes) }] };
}

/** The type and shape of an attribute message of any version, and where its elements begin. */
export function attributeHead({ content: { bytes } }: HdfAttribute): AttributeHead & { readonly data: number } {
  const version = bytes.readUInt8(0);
  const sizes = [bytes.readUInt16LE(2), bytes.readUInt16LE(4), bytes.readUInt16LE(6)];
  const [name = 0, type = 0, space = 0] = version === 1 ? sizes.map(padded) : sizes;
  const start = (version === 3 ? 9 : 8) + name;
  return {
    flags: version === 1 ? 0 : bytes.readUInt8(1),
    type: bytes.subarray(start, start + type),
    space: bytes.subarray(start + type, start + type + space),
    data: start + type + space,
  };
}
