import { setImmediate as nextTurn } from 'node:timers/promises';
import { elementCount } from '../../../ndarray/shape.ts';
import { readAttribute, readStoredAttributes } from '../attributes.ts';
import { type Dataset, readDataset } from '../dataset.ts';
import { chunksWithin } from '../dataset-chunks.ts';
import type { HdfBytes } from '../fields.ts';
import { isGroup, readLinks } from '../links.ts';
import {
  type HeaderMessage,
  isShared,
  MESSAGE,
  readObjectHeader,
  readStoredHeader,
  type StoredHeader,
  type StoredMessage,
} from '../object-header.ts';
import type { SuperblockStyle } from '../superblock.ts';
import type { HdfAttribute, HdfChunk, HdfFile, HdfLink, HdfMessage, HdfObject, HdfStorage, Movable } from './model.ts';
import { unmoved } from './model.ts';
import { holdsAddresses, movableElements } from './movable.ts';

/** Texts and references that are kept in memory while a file is written anew, of one dataset. */
export const MAX_MOVABLE = 64 * 1024 * 1024;

/** Objects that are read before others get a turn. */
const SLICE = 256;

/** Messages that are made anew from what they say. */
const REBUILT: ReadonlySet<number> = new Set([
  MESSAGE.nil,
  MESSAGE.link,
  MESSAGE.symbolTable,
  MESSAGE.layout,
  MESSAGE.attribute,
  MESSAGE.references,
]);

/** All objects of a file, free of their places. @throws CheckpointFormatError */
export async function readObjects(
  file: HdfBytes,
  { root, style }: { readonly root: number; readonly style: SuperblockStyle },
): Promise<HdfFile> {
  const reading = new Reading(file);
  const top = reading.at(root);
  await reading.run();
  return { root: top, objects: reading.objects, superblock: style };
}

class Reading {
  readonly objects = new Map<number, HdfObject>();
  readonly #file: HdfBytes;
  readonly #pending: number[] = [];

  constructor(file: HdfBytes) {
    this.#file = file;
  }

  /** The object at an address, which is read in its turn. */
  at(address: number): HdfObject {
    const known = this.objects.get(address);
    if (known) return known;
    const object: HdfObject = {
      style: NO_STYLE,
      messages: [],
      attributes: [],
      group: null,
      storage: null,
      described: null,
    };
    this.objects.set(address, object);
    this.#pending.push(address);
    return object;
  }

  async run(): Promise<void> {
    let read = 0;
    for (let address = this.#pending.pop(); address !== undefined; address = this.#pending.pop()) {
      const object = this.objects.get(address);
      if (object) Object.assign(object, await this.#read(address));
      if (++read % SLICE === 0) await nextTurn();
    }
  }

  async #read(address: number): Promise<HdfObject> {
    const header = await readStoredHeader(this.#file, address);
    const own = header.messages.filter(({ type }) => !REBUILT.has(type)).map((message) => this.#message(message));
    const resolved = await readObjectHeader(this.#file, address);
    const dataset = isGroup(resolved) ? undefined : readDataset(resolved);
    const { version, flags, extras } = header;
    return {
      style: { version, flags, extras },
      messages: own,
      attributes: await this.#attributes(header),
      group: isGroup(resolved) ? await this.#group(resolved) : null,
      storage: dataset ? await this.#storage(dataset) : null,
      described: dataset ?? null,
    };
  }

  #message(message: StoredMessage): HdfMessage {
    const { type, flags, order, fields } = message;
    const bytes = Buffer.from(fields.bytes);
    // All attributes become messages: no heap holds any.
    if (type === MESSAGE.attributeInfo) bytes.fill(0xff, 2 + ((bytes[1] ?? 0) & 1 ? 2 : 0));
    if (!isShared(message)) return { type, flags, order, content: unmoved(bytes) };
    return { type, flags, order, content: { bytes, objects: [this.#shared(bytes, 0)], items: [] } };
  }

  /** A reference to a message that another object holds: version, kind, reserved bytes in version 1, its address. */
  #shared(bytes: Buffer, start: number): { at: number; address: number } {
    const at = start + 2 + (bytes[start] === 1 ? 6 : 0);
    const address = Number(bytes.readBigUInt64LE(at));
    this.at(address);
    return { at, address };
  }

  async #attributes({ messages }: StoredHeader): Promise<HdfAttribute[]> {
    const attributes: HdfAttribute[] = [];
    for (const { fields, order } of await readStoredAttributes(this.#file, messages)) {
      const { name, type, sharedAt, shape, data } = await readAttribute(this.#file, fields);
      const bytes = Buffer.from(fields.bytes);
      const start = data.address - fields.address;
      const count = Math.min(elementCount(shape ?? [0]), Math.floor(data.bytes.length / Math.max(1, type.size)));
      const moved = await movableElements(this.#file, type, { bytes: bytes.subarray(start), count });
      const content: Movable = {
        bytes: Buffer.concat([bytes.subarray(0, start), moved.bytes]),
        objects: moved.objects.map(({ at, address }) => ({ at: at + start, address })),
        items: moved.items.map(({ at, item }) => ({ at: at + start, item })),
      };
      const shared = sharedAt === null ? [] : [this.#shared(bytes, sharedAt)];
      const whole = { ...content, objects: [...content.objects, ...shared] };
      attributes.push({ name, type: MESSAGE.attribute, flags: 0, order, content: whole });
    }
    return attributes;
  }

  async #group(messages: readonly HeaderMessage[]): Promise<HdfObject['group']> {
    const links = new Map<string, HdfLink>();
    for (const link of await readLinks(this.#file, messages)) {
      const { name, stored } = link;
      const object = link.kind === 'hard' ? this.at(link.address) : null;
      links.set(name, { object, soft: link.kind === 'soft' ? link.target : null, stored });
    }
    return { links, symbols: messages.some(({ type }) => type === MESSAGE.symbolTable) };
  }

  async #storage(dataset: Dataset): Promise<HdfStorage> {
    const { layout, type, space } = dataset;
    const count = space ? elementCount(space.shape) : 0;
    switch (layout.kind) {
      case 'compact': {
        const bytes = await this.#file.bytes.bytes(layout.address, layout.nbytes, 'a dataset');
        return { kind: 'compact', content: await movableElements(this.#file, type, { bytes, count }) };
      }
      case 'contiguous':
        return await this.#contiguous(dataset, layout.address, count);
      case 'chunked':
        return {
          kind: 'chunked',
          chunk: layout.chunk,
          elementBytes: type.size,
          chunks: await this.#chunks(dataset, layout),
        };
      case 'virtual':
        return this.#file.fail('a virtual dataset cannot be moved', 0);
    }
  }

  async #contiguous({ type }: Dataset, address: number | null, count: number): Promise<HdfStorage> {
    const nbytes = count * type.size;
    if (address === null || nbytes === 0) return { kind: 'contiguous', nbytes, data: null };
    if (!holdsAddresses(type)) return { kind: 'contiguous', nbytes, data: { kind: 'copy', from: address, nbytes } };
    if (nbytes > MAX_MOVABLE) this.#file.fail(`${nbytes} bytes of texts or references cannot be moved`, address);
    const bytes = await this.#file.bytes.bytes(address, nbytes, 'a dataset');
    const content = await movableElements(this.#file, type, { bytes, count });
    return { kind: 'contiguous', nbytes, data: { kind: 'movable', content } };
  }

  async #chunks(dataset: Dataset, layout: Extract<Dataset['layout'], { kind: 'chunked' }>): Promise<HdfChunk[]> {
    const { filters } = dataset;
    const chunks: HdfChunk[] = [];
    for await (const { at, address, nbytes, mask, isEdge } of chunksWithin(this.#file, dataset, layout)) {
      // What newer files say of all chunks at the edge, older ones say of each.
      const isRaw = layout.rawEdges && isEdge;
      const data = { kind: 'copy', from: address, nbytes } as const;
      chunks.push({ at, mask: isRaw ? 2 ** filters.length - 1 : mask, data });
    }
    return chunks.sort((a, b) => inOrder(a.at, b.at));
  }
}

const NO_STYLE = { version: 1, flags: 0, extras: Buffer.alloc(0) } as const;

/** The first axis counts slowest. */
function inOrder(a: readonly number[], b: readonly number[]): number {
  for (const [axis, start] of a.entries()) {
    const difference = start - (b[axis] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
