import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry, OtherArray, ValueNode } from '../checkpoint.ts';
import { clippedText, itemCount, jsonNode } from '../value-text.ts';
import { type Attribute, readAttributes } from './attributes.ts';
import type { Hdf5Container } from './container.ts';
import { type Dataset, readDataset } from './dataset.ts';
import { partsOf } from './dataset-entries.ts';
import type { Layout } from './dataset-messages.ts';
import { type PlainValue, readValues } from './element-values.ts';
import type { HdfBytes } from './fields.ts';
import { isGroup, type Link, MAX_LINKS, readLinks } from './links.ts';
import { type HeaderMessage, readObjectHeader } from './object-header.ts';
import { readSuperblock } from './superblock.ts';
import { type RewriteFacts, RewriteFactsFinder } from './write/rewrite-facts.ts';

/** Groups within groups; Keras' deepest models have some twenty. */
const MAX_DEPTH = 256;

/** Objects that are read before others get a turn. */
const SLICE = 256;

/** JSON in attributes is shown as a tree up to this length: `model_config` of Keras. */
const MAX_JSON = 16 * 1024 * 1024;

/** All that an HDF5 file holds. */
export interface Hdf5Structure {
  readonly entries: readonly Entry[];
  readonly others: readonly OtherArray[];
  /** Attributes of groups, links, empty groups. */
  readonly values: readonly ValueNode[];
  /** Attributes of the root group. */
  readonly attributes: Readonly<Record<string, PlainValue>>;
  /** The datasets of `entries`, by the entries' names. */
  readonly objects: ReadonlyMap<string, ListedObject>;
  readonly rewriting: RewriteFacts;
}

/** What a writer needs to know of a dataset before it reads its header again. */
export interface ListedObject {
  /** Address of the object header. */
  readonly address: number;
  readonly layout: Layout['kind'];
  /** Field of a record; null where the entry is the whole dataset. */
  readonly field: string | null;
}

/**
 * Reads the structure of an HDF5 file: groups in the order of their links' names, each object once, under
 * the first of its names; soft and external links are shown and not followed.
 *
 * @throws CheckpointFormatError
 */
export async function readStructure(container: Hdf5Container): Promise<Hdf5Structure> {
  const { file, root, extension } = await readSuperblock(container.source, container.extent);
  const walk = new Walk(file, container);
  walk.rewriting.superblock(extension, file.widths);
  const messages = await readObjectHeader(file, root);
  if (!isGroup(messages)) file.fail('the root of the file is no group', root);
  walk.seen.set(root, '/');
  const stored = await readAttributes(file, messages);
  walk.rewriting.attributes = new Map(stored.map(({ name, type, shape }) => [name, { type, shape }]));
  const attributes = await walk.attributes('/', messages, stored);
  const node = await walk.group({ messages, path: '', key: '/', depth: 0, attributes });
  const { entries, others, objects, rewriting } = walk;
  return { entries, others, objects, values: node?.children ?? [], attributes, rewriting };
}

interface Group {
  readonly messages: readonly HeaderMessage[];
  /** With a slash before every name; empty for the root. */
  readonly path: string;
  readonly key: string;
  readonly depth: number;
  readonly attributes: Readonly<Record<string, PlainValue>>;
}

class Walk {
  readonly entries: Entry[] = [];
  readonly others: OtherArray[] = [];
  readonly objects = new Map<string, ListedObject>();
  readonly rewriting = new RewriteFactsFinder();
  /** Objects by address, with the name under which they were found first. */
  readonly seen = new Map<number, string>();
  readonly #file: HdfBytes;
  readonly #container: Hdf5Container;
  #links = 0;

  constructor(file: HdfBytes, container: Hdf5Container) {
    this.#file = file;
    this.#container = container;
  }

  /** The values of the attributes of an object, by their names. */
  async attributes(
    path: string,
    messages: readonly HeaderMessage[],
    stored: readonly Attribute[],
  ): Promise<Record<string, PlainValue>> {
    this.rewriting.object(path, messages, stored);
    const found: [string, PlainValue][] = [];
    for (const attribute of stored) {
      found.push([attribute.name, await readValues(this.#file, attribute)]);
    }
    return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What a group holds beside datasets; null where that is nothing worth a line. */
  async group({ messages, path, key, depth, attributes }: Group): Promise<ValueNode | null> {
    if (depth > MAX_DEPTH) this.#file.fail(`groups are nested more than ${MAX_DEPTH} deep`, 0);
    const links = (await readLinks(this.#file, messages)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const children = Object.entries(attributes).map(([name, value]) => attributeNode(name, value));
    for (const link of links) {
      const child = await this.#follow(link, `${path}/${link.name}`, depth + 1);
      if (child) children.push(child);
    }
    if (links.length === 0 || Object.keys(attributes).length > 0) this.rewriting.groups.add(path);
    if (children.length === 0 && links.length > 0) return null;
    return { key, kind: 'mapping', text: itemCount(children.length), children };
  }

  async #follow(link: Link, path: string, depth: number): Promise<ValueNode | null> {
    if (++this.#links > MAX_LINKS) this.#file.fail(`there are more than ${MAX_LINKS} links`, 0);
    if (this.#links % SLICE === 0) await nextTurn();
    // A path is as long as the names of all its groups, which a hostile file makes long.
    this.#file.bytes.spend(path.length, 0);
    const key = link.name;
    const known = link.kind === 'hard' ? this.seen.get(link.address) : undefined;
    if (link.kind !== 'hard' || known !== undefined) this.rewriting.link(path, link, known);
    switch (link.kind) {
      case 'soft':
        return { key, kind: 'object', type: 'soft link', text: clippedText(link.target) };
      case 'external':
        return { key, kind: 'object', type: 'external link', text: clippedText(`${link.file}: ${link.target}`) };
      case 'other':
        return { key, kind: 'object', type: 'link of an unknown kind', text: '' };
      case 'hard':
        return await this.#object(link.address, { key, path, depth });
    }
  }

  async #object(address: number, place: { key: string; path: string; depth: number }): Promise<ValueNode | null> {
    const { key, path, depth } = place;
    const known = this.seen.get(address);
    if (known !== undefined) return { key, kind: 'object', type: 'hard link', text: clippedText(known) };
    this.seen.set(address, path);
    const messages = await readObjectHeader(this.#file, address);
    const attributes = await this.attributes(path, messages, await readAttributes(this.#file, messages));
    if (isGroup(messages)) return await this.group({ messages, path, key, depth, attributes });
    const dataset = readDataset(messages);
    if (!dataset) {
      this.rewriting.leaves.add(path);
      return { key, kind: 'object', type: 'committed datatype', text: '' };
    }
    this.rewriting.dataset(path, dataset);
    await this.#dataset({
      name: path,
      object: address,
      dataset: asBfloat16(dataset, attributes),
      facts: asFacts(attributes),
    });
    return null;
  }

  async #dataset(named: Parameters<typeof partsOf>[2]): Promise<void> {
    const { entries, others } = await partsOf(this.#file, this.#container, named);
    const { dataset, object: address, name } = named;
    for (const entry of entries) {
      this.entries.push(entry);
      const field = entry.name === name ? null : entry.name.slice(name.length + 1);
      this.objects.set(entry.name, { address, layout: dataset.layout.kind, field });
    }
    if (!entries.some((entry) => entry.name === name)) this.rewriting.leaves.add(name);
    for (const other of others) this.others.push({ ...other, before: this.entries.length });
  }
}

/** Keras stores bfloat16, which HDF5 lacked, as opaque elements of two bytes with the dtype as an attribute. */
function asBfloat16(dataset: Dataset, attributes: Readonly<Record<string, PlainValue>>): Dataset {
  if (dataset.type.kind !== 'opaque' || dataset.type.size !== 2 || attributes.dtype !== 'bfloat16') return dataset;
  const layout = {
    bitOffset: 0,
    precision: 16,
    exponentAt: 7,
    exponentBits: 8,
    mantissaAt: 0,
    mantissaBits: 7,
    bias: 127,
  };
  return { ...dataset, type: { kind: 'float', size: 2, bigEndian: false, layout } };
}

function asFacts(attributes: Readonly<Record<string, PlainValue>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`attribute ${name}`, clippedText(textOf(value))]),
  );
}

/** A string as it is, all else as JSON. */
export function textOf(value: PlainValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function attributeNode(name: string, value: PlainValue): ValueNode {
  return jsonNode(name, typeof value === 'string' ? parsedJSON(value) : value);
}

/** The object that a text stands for, where it stands for one. */
function parsedJSON(text: string): unknown {
  if (!/^[[{]/.test(text) || text.length > MAX_JSON) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
