import { btree1Leaves } from './btree1.ts';
import { openBtree2 } from './btree2.ts';
import type { Fields, HdfBytes } from './fields.ts';
import { FractalHeap } from './fractal-heap.ts';
import { type HeaderMessage, MESSAGE } from './object-header.ts';

/** What a link message has beside the name: kept by writers. */
export interface StoredLink {
  /** 0: hard, 1: soft, 64: external. */
  readonly kind: number;
  /** In which order links came, in 8 bytes; null where the group does not keep that. */
  readonly order: Buffer | null;
  readonly characters: number | null;
  /** What follows the name: an address, or a text. */
  readonly target: Buffer;
}

/** A name in a group and what it stands for. */
export type Link = {
  readonly name: string;
  /** Null in a symbol table. */
  readonly stored: StoredLink | null;
} & (
  | { readonly kind: 'hard'; readonly address: number }
  | { readonly kind: 'soft'; readonly target: string }
  | { readonly kind: 'external'; readonly file: string; readonly target: string }
  | { readonly kind: 'other' }
);

/** Of all groups of a file together; the largest known to us holds 1.29 million tensors. */
export const MAX_LINKS = 4_000_000;

const SYMBOL_HEAP = 32;
const SYMBOL_NODE_HEAD = 8;

/** The links of a group, by symbol table, by messages or by heap; none where the object is no group. */
export async function readLinks(file: HdfBytes, messages: readonly HeaderMessage[]): Promise<Link[]> {
  const links: Link[] = [];
  for (const { type, fields } of messages) {
    if (type === MESSAGE.link) links.push(readLink(fields));
    if (type === MESSAGE.symbolTable) await readSymbolTable(file, fields, links);
    if (type === MESSAGE.linkInfo) await readDense(file, fields, links);
  }
  return links;
}

export function isGroup(messages: readonly HeaderMessage[]): boolean {
  return messages.some(
    ({ type }) => type === MESSAGE.symbolTable || type === MESSAGE.linkInfo || type === MESSAGE.link,
  );
}

async function readSymbolTable(file: HdfBytes, fields: Fields, into: Link[]): Promise<void> {
  const root = fields.requiredAddress('the index of a group');
  const heap = await readLocalHeap(file, fields.requiredAddress('the names of a group'));
  const { offset, length } = file.widths;
  const tree = { type: 0, keyBytes: length, key: (key: Fields) => key.skip(length) };
  for await (const { address } of btree1Leaves(file, root, tree)) {
    const what = 'a symbol table';
    const head = await file.structure(address, SYMBOL_NODE_HEAD, { mark: 'SNOD', what });
    head.skip(2);
    const count = head.u16();
    const entries = await file.fields(address + SYMBOL_NODE_HEAD, count * (2 * offset + 24), what);
    for (let i = 0; i < count; i++) {
      if (into.length >= MAX_LINKS) entries.fail(`there are more than ${MAX_LINKS} links`);
      into.push(readSymbol(entries, heap));
    }
  }
}

function readSymbol(fields: Fields, heap: Fields): Link {
  const name = heapText(heap, fields.uint(fields.file.widths.offset), fields);
  const address = fields.addressOrNull();
  const cached = fields.u32();
  fields.skip(4);
  const scratch = fields.part(16);
  if (cached === 2) return { name, stored: null, kind: 'soft', target: heapText(heap, scratch.u32(), scratch) };
  return address === null
    ? fields.fail(`the link ${JSON.stringify(name)} has no address`)
    : { name, stored: null, kind: 'hard', address };
}

/** The segment of a local heap that holds the names of a group. */
async function readLocalHeap(file: HdfBytes, address: number): Promise<Fields> {
  const head = await file.structure(address, Math.min(SYMBOL_HEAP, 8 + 2 * file.widths.length + file.widths.offset), {
    mark: 'HEAP',
    what: 'the heap of a group',
  });
  head.skip(4);
  const nbytes = head.size();
  head.skip(file.widths.length);
  return await file.fields(head.requiredAddress('the names of a group'), nbytes, 'the names of a group');
}

function heapText(heap: Fields, offset: number, user: Fields): string {
  if (offset >= heap.bytes.length) user.fail('a name lies outside the heap of its group');
  heap.at = offset;
  const name = heap.text('a name in a group');
  heap.file.bytes.spend(name.length, user.address);
  return name;
}

async function readDense(file: HdfBytes, fields: Fields, into: Link[]): Promise<void> {
  fields.skip(1);
  const flags = fields.u8();
  if (flags & 1) fields.skip(8);
  const heapAddress = fields.addressOrNull();
  const index = fields.addressOrNull();
  if (heapAddress === null || index === null) return;
  const heap = await FractalHeap.open(file, heapAddress);
  const tree = await openBtree2(file, index);
  if (tree.type !== 5) fields.fail(`the index of a group is of type ${tree.type} where 5 should be`);
  for await (const record of tree.records) {
    if (into.length >= MAX_LINKS) fields.fail(`there are more than ${MAX_LINKS} links`);
    record.skip(4);
    into.push(readLink(await heap.object(record)));
  }
}

/** A link message (HDF5 File Format Specification, IV.A.2.g). */
function readLink(fields: Fields): Link {
  const version = fields.u8();
  if (version !== 1) fields.fail(`a link is of version ${version}; 1 is read`);
  const flags = fields.u8();
  const kind = flags & 0x08 ? fields.u8() : 0;
  const order = flags & 0x04 ? Buffer.from(fields.take(8)) : null;
  const characters = flags & 0x10 ? fields.u8() : null;
  const name = fields.take(fields.uint(2 ** (flags & 3))).toString('utf8');
  const stored = { kind, order, characters, target: Buffer.from(fields.bytes.subarray(fields.at)) };
  switch (kind) {
    case 0:
      return { name, stored, kind: 'hard', address: fields.requiredAddress(`the link ${JSON.stringify(name)}`) };
    case 1:
      return { name, stored, kind: 'soft', target: fields.take(fields.u16()).toString('utf8') };
    case 64: {
      const parts = fields.part(fields.u16());
      parts.skip(1);
      const [file, target] = [parts.text('the file of a link'), parts.text('the target of a link')];
      return { name, stored, kind: 'external', file, target };
    }
    default:
      return { name, stored, kind: 'other' };
  }
}
