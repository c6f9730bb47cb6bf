import { elementCount } from '../../../ndarray/shape.ts';
import type { Attribute } from '../attributes.ts';
import type { Dataset } from '../dataset.ts';
import type { Widths } from '../fields.ts';
import type { Link } from '../links.ts';
import { type HeaderMessage, MESSAGE } from '../object-header.ts';
import { MAX_MESSAGE } from './attribute-message.ts';
import type { AttributeType } from './attribute-value.ts';
import { WIDTH } from './field-writer.ts';
import { holdsAddresses, holdsReferences, immovable } from './movable.ts';
import { MAX_MOVABLE } from './stored-objects.ts';

/** What decides whether the structure of a file can be written anew, and which names are taken: gathered as the file is opened. */
export interface RewriteFacts {
  /** Why it cannot, as a sentence; null where it can. */
  readonly obstacle: string | null;
  /** An object that refers to others by their places, so that none may go; null where there is none. */
  readonly referrer: string | null;
  /** Objects that have another name or a soft link, and that. */
  readonly otherNames: ReadonlyMap<string, string>;
  /** Groups that stay when they hold nothing any more: they have attributes, or were empty. */
  readonly groups: ReadonlySet<string>;
  /** What is neither a group nor a tensor. */
  readonly leaves: ReadonlySet<string>;
  /** The attributes of the root, which are the file's metadata. */
  readonly attributes: ReadonlyMap<string, AttributeType>;
}

const KNOWN: ReadonlySet<number> = new Set(Object.values(MESSAGE));

export class RewriteFactsFinder implements RewriteFacts {
  obstacle: string | null = null;
  referrer: string | null = null;
  readonly otherNames = new Map<string, string>();
  readonly groups = new Set<string>();
  readonly leaves = new Set<string>();
  attributes: ReadonlyMap<string, AttributeType> = new Map();

  superblock(extension: number | null, { offset, length }: Widths): void {
    if (extension !== null) this.#stop('Its superblock has an extension with settings of its own.');
    if (offset !== WIDTH || length !== WIDTH) this.#stop(`Its positions take ${offset} bytes, not ${WIDTH}.`);
  }

  /** A link that leads to no object by itself, or to one that has a name already. */
  link(path: string, link: Link, known: string | undefined): void {
    this.leaves.add(path);
    if (known !== undefined) this.otherNames.set(known, path);
    if (link.kind === 'soft') this.otherNames.set(resolved(path, link.target), path);
  }

  object(path: string, messages: readonly HeaderMessage[], attributes: readonly Attribute[]): void {
    const unknown = messages.find(({ type }) => !KNOWN.has(type));
    if (unknown) this.#stop(`'${path}' has a message of type ${unknown.type}, which is not known here.`);
    for (const { name, type, nbytes } of attributes) {
      if (nbytes > MAX_MESSAGE) this.#stop(`The attribute '${name}' of '${path}' is too large for an object header.`);
      this.#type(`The attribute '${name}' of '${path}'`, { path, type });
    }
  }

  dataset(path: string, { type, space, layout, external, fill }: Dataset): void {
    this.#type(`'${path}'`, { path, type });
    if (external) this.#stop(`The elements of '${path}' lie in other files.`);
    if (layout.kind === 'virtual') this.#stop(`'${path}' is a virtual dataset.`);
    if (!holdsAddresses(type)) return;
    const nbytes = elementCount(space?.shape ?? [0]) * type.size;
    if (layout.kind === 'chunked') this.#stop(`'${path}' holds texts, lists or references in chunks.`);
    if (nbytes > MAX_MOVABLE) this.#stop(`'${path}' holds more texts, lists or references than are kept in memory.`);
    if (fill?.some((byte) => byte !== 0)) this.#stop(`'${path}' has a fill value that lies elsewhere in the file.`);
  }

  #type(what: string, { path, type }: { readonly path: string; readonly type: Attribute['type'] }): void {
    const reason = immovable(type);
    if (reason !== null) this.#stop(`${what} ${reason}.`);
    if (holdsReferences(type)) this.referrer ??= path;
  }

  /** The first reason is told. */
  #stop(reason: string): void {
    this.obstacle ??= reason;
  }
}

/** The path that a soft link means: from the root, or from the group that holds it. */
function resolved(path: string, target: string): string {
  const from = target.startsWith('/') ? [] : path.split('/').slice(1, -1);
  const parts = [...from, ...target.split('/')].filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}
