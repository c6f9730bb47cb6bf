import { setImmediate as nextTurn } from 'node:timers/promises';
import { MESSAGE } from '../object-header.ts';
import { Blocks } from './block.ts';
import { layoutMessage } from './dataset-object.ts';
import { FieldWriter } from './field-writer.ts';
import { GlobalHeap } from './global-heap.ts';
import { headerBlock, type PlainMessage } from './header-block.ts';
import { linkInfo, linkMessage, linkOrders } from './link-message.ts';
import type { DataRun, FileRun, HdfFile, HdfMessage, HdfObject, HdfStorage, Movable } from './model.ts';
import { superblock, superblockBytes } from './superblock-block.ts';
import { placeSymbols, type SymbolTable } from './symbol-table.ts';
import { placeTree, type Tree1Child } from './tree1.ts';

/** A run of the new file; positions count from its superblock. */
export type HdfPiece =
  | { readonly kind: 'bytes'; readonly to: number; readonly bytes: Buffer }
  | { readonly kind: 'data'; readonly to: number; readonly run: FileRun };

export interface HdfLayout {
  readonly pieces: readonly HdfPiece[];
  /** Bytes from the superblock to the end. */
  readonly total: number;
}

const JOINED_BYTES = 1024 * 1024;

/** Objects that are laid out before others get a turn. */
const SLICE = 1024;

/**
 * Lays out a file: all structure first, then the values in the order of the objects. `base` is where the superblock
 * will stand.
 */
export async function layoutHdf5(file: HdfFile, base: number): Promise<HdfLayout> {
  return await new Layout(file).run(base);
}

function runBytes(run: DataRun): number {
  return run.kind === 'movable' ? run.content.bytes.length : run.nbytes;
}

class Layout {
  readonly #blocks: Blocks;
  readonly #heap = new GlobalHeap();
  readonly #headers = new Map<HdfObject, number>();
  readonly #links = new Map<HdfObject, number>();
  readonly #data = new Map<DataRun, number>();
  readonly #runs: DataRun[] = [];
  #symbols: SymbolTable | null = null;

  constructor(readonly file: HdfFile) {
    this.#blocks = new Blocks(Math.ceil(superblockBytes(file.superblock) / 8) * 8);
  }

  async run(base: number): Promise<HdfLayout> {
    let placed = 0;
    for (const object of this.#reachable()) {
      this.#place(object);
      if (++placed % SLICE === 0) await nextTurn();
    }
    this.#heap.place(this.#blocks, (item) => this.#settled(item));
    let { end } = this.#blocks;
    for (const run of this.#runs) {
      this.#data.set(run, end);
      end = Math.ceil((end + runBytes(run)) / 8) * 8;
    }
    const root = this.#header(this.file.root);
    const head = superblock(this.file.superblock, { base, end, root, symbols: this.#symbols });
    const pieces: HdfPiece[] = [{ kind: 'bytes', to: 0, bytes: head }];
    for (const piece of this.#pieces()) {
      pieces.push(piece);
      if (pieces.length % SLICE === 0 || piece.kind === 'bytes') await nextTurn();
    }
    return { pieces, total: end };
  }

  /** Every object that something leads to, a group before what it holds. */
  #reachable(): Set<HdfObject> {
    const found = new Set<HdfObject>();
    const pending = [this.file.root];
    for (let object = pending.pop(); object; object = pending.pop()) {
      if (found.has(object)) continue;
      found.add(object);
      const next: HdfObject[] = [];
      for (const { object: child } of object.group?.links.values() ?? []) {
        if (!child) continue;
        this.#links.set(child, (this.#links.get(child) ?? 0) + 1);
        next.push(child);
      }
      for (const movable of movablesOf(object)) next.push(...this.#leadsTo(movable));
      pending.push(...next.reverse());
    }
    return found;
  }

  *#leadsTo({ objects, items }: Movable): Generator<HdfObject> {
    for (const { address } of objects) {
      const object = this.file.objects.get(address);
      if (object) yield object;
    }
    for (const { item } of items) yield* this.#leadsTo(item);
  }

  #place(object: HdfObject): void {
    for (const movable of movablesOf(object)) this.#heap.add(movable);
    const own = object.messages.filter(({ type }) => type !== MESSAGE.linkInfo);
    const messages = own.map((message) => this.#plain(message));
    if (object.group) messages.push(...this.#groupMessages(object));
    if (object.storage) messages.push(this.#layout(object.storage));
    for (const attribute of object.attributes) messages.push(this.#plain(attribute));
    const links = this.#links.get(object) ?? (object === this.file.root ? 1 : 0);
    if (links > 1 && object.style.version === 2) messages.push(referenceCount(links));
    this.#headers.set(object, this.#blocks.place(headerBlock(object.style, messages, Math.max(links, 1))));
  }

  #plain({ type, flags, order, content }: HdfMessage): PlainMessage {
    return { type, flags, order, nbytes: content.bytes.length, encode: () => this.#settled(content) };
  }

  #groupMessages(object: HdfObject): PlainMessage[] {
    const { group } = object;
    if (!group) return [];
    const addressOf = (child: HdfObject | null) => child && ((): number => this.#header(child));
    if (group.symbols) {
      const symbols = Array.from(group.links, ([name, link]) => ({
        name,
        address: addressOf(link.object),
        soft: link.soft,
      }));
      const table = placeSymbols(this.#blocks, symbols, this.file.superblock);
      if (object === this.file.root) this.#symbols = table;
      const bytes = new FieldWriter().u64(table.tree).u64(table.heap).bytes();
      return [fixed(MESSAGE.symbolTable, bytes)];
    }
    const info = object.messages.find(({ type }) => type === MESSAGE.linkInfo);
    const orders = linkOrders(group.links, info);
    const links = Array.from(group.links, ([name, link], i) =>
      linkMessage(name, link, { address: addressOf(link.object), order: orders[i] ?? null }),
    );
    return info ? [fixed(MESSAGE.linkInfo, linkInfo(info.content.bytes, orders)), ...links] : links;
  }

  #layout(storage: HdfStorage): PlainMessage {
    const nbytes = layoutMessage(storage, null).length;
    return { type: MESSAGE.layout, flags: 0, order: null, nbytes, encode: this.#layoutEncoder(storage) };
  }

  #layoutEncoder(storage: HdfStorage): () => Buffer {
    switch (storage.kind) {
      case 'compact':
        return () =>
          layoutMessage(
            { kind: 'compact', content: { ...storage.content, bytes: this.#settled(storage.content) } },
            null,
          );
      case 'contiguous': {
        const { data } = storage;
        if (data) this.#runs.push(data);
        return () => layoutMessage(storage, data ? this.#addressOf(data) : null);
      }
      case 'chunked': {
        const tree = storage.chunks.length === 0 ? null : this.#chunkTree(storage);
        return () => layoutMessage(storage, tree);
      }
    }
  }

  #chunkTree({ chunk, elementBytes, chunks }: Extract<HdfStorage, { kind: 'chunked' }>): number {
    const key = (nbytes: number, mask: number, at: readonly number[], element: number): Buffer => {
      const fields = new FieldWriter().u32(nbytes).u32(mask);
      for (const start of at) fields.u64(start);
      return fields.u64(element).bytes();
    };
    const lefts = chunks.map(({ data, mask, at }) => key(runBytes(data), mask, at, 0));
    const last = chunks.at(-1)?.at ?? [];
    const end = key(
      0,
      0,
      last.map((start, axis) => start + (chunk[axis] ?? 1)),
      elementBytes,
    );
    const children = chunks.map(({ data }, i): Tree1Child => {
      this.#runs.push(data);
      return { address: () => this.#addressOf(data), left: lefts[i] ?? end, right: lefts[i + 1] ?? end };
    });
    const shape = { type: 1, width: 2 * this.file.superblock.chunkInner, keyBytes: end.length } as const;
    return placeTree(this.#blocks, shape, children);
  }

  #addressOf(run: DataRun): number {
    const address = this.#data.get(run);
    if (address === undefined) throw new TypeError('Values were not laid out.');
    return address;
  }

  #header(object: HdfObject): number {
    const address = this.#headers.get(object);
    if (address === undefined) throw new TypeError('An object was not laid out.');
    return address;
  }

  /** The bytes with the addresses that everything now has; 0 for what was gone before. */
  #settled({ bytes, objects, items }: Movable): Buffer {
    if (objects.length === 0 && items.length === 0) return bytes;
    const result = Buffer.from(bytes);
    for (const { at, address } of objects) {
      const object = this.file.objects.get(address);
      result.writeBigUInt64LE(BigInt(object ? this.#header(object) : 0), at);
    }
    for (const { at, item } of items) {
      const place = this.#heap.placeOf(item);
      result.writeBigUInt64LE(BigInt(place.address), at);
      result.writeUInt32LE(place.index, at + 8);
    }
    return result;
  }

  *#pieces(): Generator<HdfPiece> {
    yield* joined(this.#blocks.encoded());
    for (const [run, to] of this.#data) {
      if (run.kind === 'movable') yield { kind: 'bytes', to, bytes: this.#settled(run.content) };
      else yield { kind: 'data', to, run };
    }
  }
}

/** Structures as few long runs. */
function* joined(blocks: Iterable<{ readonly address: number; readonly bytes: Buffer }>): Generator<HdfPiece> {
  let to = 0;
  let end = 0;
  let parts: Buffer[] = [];
  for (const { address, bytes } of blocks) {
    if (parts.length === 0) to = address;
    else parts.push(Buffer.alloc(address - end));
    parts.push(bytes);
    end = address + bytes.length;
    if (end - to < JOINED_BYTES) continue;
    yield { kind: 'bytes', to, bytes: Buffer.concat(parts) };
    parts = [];
  }
  if (parts.length > 0) yield { kind: 'bytes', to, bytes: Buffer.concat(parts) };
}

function fixed(type: number, bytes: Buffer): PlainMessage {
  return { type, flags: 0, order: null, nbytes: bytes.length, encode: () => bytes };
}

/** How many names an object has, where version 2 says it: at more than one. */
function referenceCount(links: number): PlainMessage {
  return fixed(MESSAGE.references, new FieldWriter().u8(0).u32(links).bytes());
}

function* movablesOf({ messages, attributes, storage }: HdfObject): Generator<Movable> {
  for (const { content } of messages) yield content;
  for (const { content } of attributes) yield content;
  if (storage?.kind === 'compact') yield storage.content;
  if (storage?.kind === 'contiguous' && storage.data?.kind === 'movable') yield storage.data.content;
}
