import { openBtree2 } from './btree2.ts';
import { readDataspace } from './dataset-messages.ts';
import { type Datatype, readDatatype } from './datatype.ts';
import type { Fields, HdfBytes } from './fields.ts';
import { FractalHeap } from './fractal-heap.ts';
import { type HeaderMessage, MESSAGE, sharedMessage } from './object-header.ts';

export interface Attribute {
  readonly name: string;
  readonly type: Datatype;
  /** Where the message refers to a type that stands elsewhere; null where it holds its own. */
  readonly sharedAt: number | null;
  /** Null: no elements (H5S_NULL). */
  readonly shape: readonly number[] | null;
  readonly data: Fields;
  /** Bytes of the whole message. */
  readonly nbytes: number;
}

/** Of one object; more are cut off by the limit of messages. */
const MAX_ATTRIBUTES = 100_000;

/** An attribute as it stands in its object's header or heap. */
export interface StoredAttribute {
  readonly fields: Fields;
  readonly order: number | null;
}

/** The attributes of an object: those in its header and those in its heap. */
export async function readAttributes(file: HdfBytes, messages: readonly HeaderMessage[]): Promise<Attribute[]> {
  const attributes: Attribute[] = [];
  for (const { fields } of await readStoredAttributes(file, messages))
    attributes.push(await readAttribute(file, fields));
  return attributes;
}

export async function readStoredAttributes(
  file: HdfBytes,
  messages: readonly (HeaderMessage & { readonly order?: number | null })[],
): Promise<StoredAttribute[]> {
  const attributes: StoredAttribute[] = [];
  for (const { type, fields, order = null } of messages) {
    if (type === MESSAGE.attribute) attributes.push({ fields, order });
    if (type === MESSAGE.attributeInfo) await readDense(file, fields, attributes);
  }
  return attributes;
}

async function readDense(file: HdfBytes, fields: Fields, into: StoredAttribute[]): Promise<void> {
  fields.skip(1);
  const ordered = (fields.u8() & 1) !== 0;
  if (ordered) fields.skip(2);
  const heapAddress = fields.addressOrNull();
  const index = fields.addressOrNull();
  if (heapAddress === null || index === null) return;
  const heap = await FractalHeap.open(file, heapAddress);
  const tree = await openBtree2(file, index);
  if (tree.type !== 8) fields.fail(`the index of attributes is of type ${tree.type} where 8 should be`);
  for await (const record of tree.records) {
    if (into.length >= MAX_ATTRIBUTES) fields.fail(`an object has more than ${MAX_ATTRIBUTES} attributes`);
    const object = await heap.object(record);
    // The record goes on with flags, the order and the name's hash.
    record.at = record.bytes.length - 8;
    into.push({ fields: object, order: ordered ? record.u32() : null });
  }
}

/** An attribute message, versions 1 to 3 (HDF5 File Format Specification, IV.A.2.m). */
export async function readAttribute(file: HdfBytes, fields: Fields): Promise<Attribute> {
  fields.at = 0;
  const version = fields.u8();
  if (version < 1 || version > 3) fields.fail(`an attribute is of version ${version}; 1 to 3 are read`);
  const flags = fields.u8();
  const sizes = [fields.u16(), fields.u16(), fields.u16()].map((size) =>
    version === 1 ? Math.ceil(size / 8) * 8 : size,
  );
  if (version === 3) fields.skip(1);
  const [nameBytes = 0, typeBytes = 0, spaceBytes = 0] = sizes;
  const name = fields.take(nameBytes).toString('utf8').replace(/\0.*$/s, '');
  const typePart = fields.part(typeBytes);
  const spacePart = fields.part(spaceBytes);
  const isShared = version > 1 && (flags & 1) !== 0;
  const sharedAt = isShared ? typePart.address - fields.address : null;
  const type = readDatatype(isShared ? await sharedMessage(file, MESSAGE.datatype, typePart) : typePart);
  const shape = readDataspace(spacePart)?.shape ?? null;
  return { name, type, sharedAt, shape, data: fields.part(fields.left), nbytes: fields.bytes.length };
}
