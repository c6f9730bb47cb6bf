import { openBtree2 } from './btree2.ts';
import { readDataspace } from './dataset-messages.ts';
import { type Datatype, readDatatype } from './datatype.ts';
import type { Fields, HdfBytes } from './fields.ts';
import { FractalHeap } from './fractal-heap.ts';
import { type HeaderMessage, MESSAGE, sharedMessage } from './object-header.ts';

export interface Attribute {
  readonly name: string;
  readonly type: Datatype;
  /** Null: no elements (H5S_NULL). */
  readonly shape: readonly number[] | null;
  readonly data: Fields;
}

/** Of one object; more are cut off by the limit of messages. */
const MAX_ATTRIBUTES = 100_000;

/** The attributes of an object: those in its header and those in its heap. */
export async function readAttributes(file: HdfBytes, messages: readonly HeaderMessage[]): Promise<Attribute[]> {
  const attributes: Attribute[] = [];
  for (const { type, fields } of messages) {
    if (type === MESSAGE.attribute) attributes.push(await readAttribute(file, fields));
    if (type === MESSAGE.attributeInfo) await readDense(file, fields, attributes);
  }
  return attributes;
}

async function readDense(file: HdfBytes, fields: Fields, into: Attribute[]): Promise<void> {
  fields.skip(1);
  if (fields.u8() & 1) fields.skip(2);
  const heapAddress = fields.addressOrNull();
  const index = fields.addressOrNull();
  if (heapAddress === null || index === null) return;
  const heap = await FractalHeap.open(file, heapAddress);
  const tree = await openBtree2(file, index);
  if (tree.type !== 8) fields.fail(`the index of attributes is of type ${tree.type} where 8 should be`);
  for await (const record of tree.records) {
    if (into.length >= MAX_ATTRIBUTES) fields.fail(`an object has more than ${MAX_ATTRIBUTES} attributes`);
    into.push(await readAttribute(file, await heap.object(record)));
  }
}

/** An attribute message, versions 1 to 3 (HDF5 File Format Specification, IV.A.2.m). */
async function readAttribute(file: HdfBytes, fields: Fields): Promise<Attribute> {
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
  const type = readDatatype(isShared ? await sharedMessage(file, MESSAGE.datatype, typePart) : typePart);
  return { name, type, shape: readDataspace(spacePart)?.shape ?? null, data: fields.part(fields.left) };
}
