import { InvalidArgumentError } from '../../errors.ts';
import type { TreeNode } from './tree.ts';

/** A tensor of the file to be written. */
export interface PlacedTensor {
  readonly name: string;
  /** Its name in the original; null for a tensor that comes from elsewhere. */
  readonly origin: string | null;
}

export interface EditMember {
  readonly key: string;
  /** The stored key as it is, `[start, end)`; null where it changed or is new. */
  readonly stored: readonly [start: number, end: number] | null;
  readonly value: EditNode;
}

/** The values of the file to be written; `source` is where they come from. */
export type EditNode =
  | {
      readonly kind: 'map';
      readonly source: Extract<TreeNode, { kind: 'map' }> | null;
      readonly members: EditMember[];
    }
  | { readonly kind: 'array'; readonly source: Extract<TreeNode, { kind: 'array' }>; readonly items: EditNode[] }
  | { readonly kind: 'tensor'; readonly source: TreeNode | null; readonly tensor: number }
  | { readonly kind: 'kept'; readonly source: TreeNode };

type EditMap = Extract<EditNode, { kind: 'map' }>;

export interface TreeEdit {
  readonly tensors: readonly PlacedTensor[];
  /** The names of all tensors of the original. */
  readonly former: ReadonlySet<string>;
}

/**
 * The tree of a file after renames and deletions. A tensor whose parent stays keeps its place, another goes to
 * the end of the map that its name names; maps that lose all they had go too, as flax has no use for them.
 *
 * @throws InvalidArgumentError where a name cannot be had: it is taken by another value, lies under one that is
 *   no map, or an item of a list would move.
 */
export function editTree(root: TreeNode, edit: TreeEdit): EditNode {
  return new TreeEditor(edit).run(root);
}

interface Moved {
  readonly tensor: number;
  readonly source: TreeNode | null;
}

class TreeEditor {
  readonly #byOrigin = new Map<string, number>();
  readonly #moved: Moved[] = [];
  /** The members of maps that something is put into, by key. */
  readonly #indices = new Map<EditMap, Map<string, EditMember>>();

  constructor(readonly edit: TreeEdit) {
    for (const [tensor, { origin }] of edit.tensors.entries()) {
      if (origin === null) this.#moved.push({ tensor, source: null });
      else this.#byOrigin.set(origin, tensor);
    }
  }

  run(root: TreeNode): EditNode {
    const edited = this.#node(root, []) ?? { kind: 'map', source: null, members: [] };
    for (const moved of this.#moved) this.#insert(edited, moved);
    return edited;
  }

  /** Null for what is no longer there. */
  #node(source: TreeNode, path: readonly string[]): EditNode | null {
    switch (source.kind) {
      case 'map':
        return this.#map(source, path);
      case 'array': {
        const items = source.items.map((item, i) => {
          const inner = [...path, String(i)];
          return this.#node(item, inner) ?? refuseItem(inner.join('/'));
        });
        return { kind: 'array', source, items };
      }
      case 'array-value':
        return this.#tensor(source, path.join('/'));
      case 'other':
        return { kind: 'kept', source };
    }
  }

  #tensor(source: TreeNode, name: string): EditNode | null {
    if (!this.edit.former.has(name)) return { kind: 'kept', source };
    const tensor = this.#byOrigin.get(name);
    if (tensor === undefined) return null;
    if (this.#nameOf(tensor) === name) return { kind: 'tensor', source, tensor };
    this.#moved.push({ tensor, source });
    return null;
  }

  #map(source: Extract<TreeNode, { kind: 'map' }>, path: readonly string[]): EditNode | null {
    const members: EditMember[] = [];
    for (const { key, keyStart, value } of source.members) {
      const renamed = this.#renamed(value, path, key);
      const edited = renamed?.value ?? this.#node(value, [...path, key]);
      if (edited)
        members.push({ key: renamed?.key ?? key, stored: renamed ? null : [keyStart, value.start], value: edited });
    }
    if (members.length === 0 && source.members.length > 0 && path.length > 0) return null;
    assertDistinct(members, path);
    return { kind: 'map', source, members };
  }

  /** A tensor that gets another name in the same map. */
  #renamed(source: TreeNode, path: readonly string[], key: string): { key: string; value: EditNode } | null {
    const origin = [...path, key].join('/');
    const tensor = source.kind === 'array-value' ? this.#byOrigin.get(origin) : undefined;
    if (tensor === undefined) return null;
    const name = this.#nameOf(tensor);
    const prefix = path.length === 0 ? '' : `${path.join('/')}/`;
    if (name === origin || !name.startsWith(prefix)) return null;
    const last = name.slice(prefix.length);
    // A key with a slash is one of a flat dictionary, and stays one.
    if (last.includes('/') && !key.includes('/')) return null;
    return { key: last, value: { kind: 'tensor', source, tensor } };
  }

  #insert(root: EditNode, { tensor, source }: Moved): void {
    const name = this.#nameOf(tensor);
    const keys = name.split('/');
    const last = keys.pop() ?? '';
    let map = root;
    for (const [depth, key] of keys.entries()) {
      if (map.kind !== 'map') refuseUnder(name, keys.slice(0, depth));
      map = this.#indexOf(map).get(key)?.value ?? this.#add(map, key, { kind: 'map', source: null, members: [] });
    }
    if (map.kind !== 'map') refuseUnder(name, keys);
    if (this.#indexOf(map).has(last)) refuseTaken(name);
    this.#add(map, last, { kind: 'tensor', source, tensor });
  }

  #add(map: EditMap, key: string, value: EditNode): EditNode {
    const member = { key, stored: null, value };
    map.members.push(member);
    this.#indexOf(map).set(key, member);
    return value;
  }

  #indexOf(map: EditMap): Map<string, EditMember> {
    let index = this.#indices.get(map);
    if (!index) {
      index = new Map(map.members.map((member) => [member.key, member]));
      this.#indices.set(map, index);
    }
    return index;
  }

  #nameOf(tensor: number): string {
    return this.edit.tensors[tensor]?.name ?? '';
  }
}

function assertDistinct(members: readonly EditMember[], path: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const { key } of members) counts.set(key, (counts.get(key) ?? 0) + 1);
  const twice = members.find(({ key, stored }) => stored === null && (counts.get(key) ?? 0) > 1);
  if (twice) refuseTaken([...path, twice.key].join('/'));
}

function refuseItem(name: string): never {
  throw new InvalidArgumentError(
    `'${name}' is an item of a list: it can be neither renamed nor deleted, because those behind it would change their places.`,
    { name },
  );
}

function refuseUnder(name: string, keys: readonly string[]): never {
  throw new InvalidArgumentError(
    `'${name}' cannot be a name: '${keys.join('/')}' is a value, and nothing lies under it.`,
    {
      name,
    },
  );
}

function refuseTaken(name: string): never {
  throw new InvalidArgumentError(`'${name}' is the name of another value of the file already.`, { name });
}
