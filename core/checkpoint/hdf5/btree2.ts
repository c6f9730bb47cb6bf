import type { Fields, HdfBytes } from './fields.ts';

const HEADER_BYTES = 22;
const MAX_DEPTH = 32;
const MAX_NODE = 64 * 1024 * 1024;

interface Tree2 {
  readonly file: HdfBytes;
  readonly type: number;
  readonly nodeBytes: number;
  readonly recordBytes: number;
}

interface NodePointer {
  readonly address: number;
  readonly records: number;
}

/** A record of a version 2 B-tree; what it means depends on the type. */
export interface TreeRecords {
  readonly type: number;
  readonly recordBytes: number;
  readonly records: AsyncGenerator<Fields>;
}

/** The records of a version 2 B-tree in order (HDF5 File Format Specification, III.A.2). */
export async function openBtree2(file: HdfBytes, address: number): Promise<TreeRecords> {
  const what = 'the header of a B-tree';
  const fields = await file.checked(address, HEADER_BYTES + file.widths.offset + file.widths.length, {
    mark: 'BTHD',
    what,
  });
  fields.skip(1);
  const type = fields.u8();
  const nodeBytes = fields.u32();
  const recordBytes = fields.u16();
  const depth = fields.u16();
  fields.skip(2);
  const root = fields.addressOrNull();
  const records = fields.u16();
  if (depth > MAX_DEPTH || recordBytes === 0 || nodeBytes > MAX_NODE || nodeBytes < recordBytes + 10) {
    file.fail(`${what} is damaged`, address);
  }
  const tree = { file, type, nodeBytes, recordBytes };
  const none = root === null || records === 0;
  return { type, recordBytes, records: none ? empty() : walk(tree, { address: root, records }, depth) };
}

async function* empty(): AsyncGenerator<Fields> {}

async function* walk(tree: Tree2, node: NodePointer, depth: number): AsyncGenerator<Fields> {
  if (depth === 0) {
    yield* readLeaf(tree, await nodeFields(tree, node, { mark: 'BTLF', tail: 0 }), node.records);
    return;
  }
  const { offset } = tree.file.widths;
  const { childWidth, totalWidth } = pointerWidths(tree, depth);
  const tail = (node.records + 1) * (offset + childWidth + totalWidth);
  const fields = await nodeFields(tree, node, { mark: 'BTIN', tail });
  const own: Fields[] = Array.from({ length: node.records }, () => fields.part(tree.recordBytes));
  for (let i = 0; i <= node.records; i++) {
    const address = fields.requiredAddress('a child of a B-tree');
    const records = fields.uint(childWidth);
    fields.skip(totalWidth);
    yield* walk(tree, { address, records }, depth - 1);
    const record = own[i];
    if (record) yield record;
  }
}

function* readLeaf(tree: Tree2, fields: Fields, count: number): Generator<Fields> {
  for (let i = 0; i < count; i++) yield fields.part(tree.recordBytes);
}

/** A node from its mark to its checksum, of which the prefix is read. */
async function nodeFields(
  { file, type, nodeBytes, recordBytes }: Tree2,
  { address, records }: NodePointer,
  { mark, tail }: { readonly mark: string; readonly tail: number },
): Promise<Fields> {
  const what = 'a node of a B-tree';
  const nbytes = 6 + records * recordBytes + tail + 4;
  if (nbytes > nodeBytes)
    file.fail(`${what} has ${records} records, more than its ${nodeBytes} bytes can hold`, address);
  const fields = await file.checked(address, nbytes, { mark, what });
  fields.skip(1);
  const found = fields.u8();
  if (found !== type) file.fail(`${what} is of type ${found} where ${type} should be`, address);
  return fields;
}

/** How wide an internal node at `depth` writes the counts of its children (H5B2hdr.c). */
function pointerWidths(tree: Tree2, depth: number): { childWidth: number; totalWidth: number } {
  const { nodeBytes, recordBytes } = tree;
  let most = Math.floor((nodeBytes - 10) / recordBytes);
  let total = most;
  const childWidth = bytesFor(most);
  let totalWidth = 0;
  for (let level = 1; level <= depth; level++) {
    if (level > 1) totalWidth = bytesFor(total);
    const pointer = tree.file.widths.offset + childWidth + (level > 1 ? totalWidth : 0);
    most = Math.floor((nodeBytes - (10 + pointer)) / (recordBytes + pointer));
    total = (most + 1) * total + most;
  }
  return { childWidth, totalWidth };
}

/** Bytes of an unsigned number as large as `limit`. */
export function bytesFor(limit: number): number {
  return Math.floor(Math.log2(Math.max(limit, 1)) / 8) + 1;
}
