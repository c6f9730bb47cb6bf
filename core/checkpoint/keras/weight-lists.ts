import type { AttributeEdits } from '../hdf5/write/attribute-edits.ts';
import type { HdfObject } from '../hdf5/write/model.ts';

/** The lists by which Keras 2 finds weights: of a group's layers, and of a layer's weights (keras/src/legacy/saving/legacy_h5_format.py). */
const LAYERS = 'layer_names';
const WEIGHTS = 'weight_names';

/** Lists of more than 64 KB are kept in parts: `weight_names0`, `weight_names1`, … */
function partsOf(object: HdfObject, name: string): string[] {
  const names = new Set(object.attributes.map((attribute) => attribute.name));
  if (names.has(name)) return [name];
  const parts: string[] = [];
  while (names.has(`${name}${parts.length}`)) parts.push(`${name}${parts.length}`);
  return parts;
}

interface NamedList {
  readonly group: HdfObject;
  readonly list: string;
  readonly attributes: readonly string[];
  /** By attribute: the names, each with the object that it stands for. */
  readonly names: readonly (readonly { readonly name: string; readonly object: HdfObject | undefined }[])[];
  /** What the group held. */
  readonly held: ReadonlySet<HdfObject>;
}

/** The lists of a file before it is edited, so that they can be made to tell the truth again behind the edits. */
export class WeightLists {
  readonly #edits: AttributeEdits;
  readonly #lists: readonly NamedList[];

  constructor(root: HdfObject, edits: AttributeEdits) {
    this.#edits = edits;
    this.#lists = [...groupsUnder(root)].flatMap((group) =>
      [WEIGHTS, LAYERS].flatMap((list) => this.#read(group, list)),
    );
  }

  /** Each list in its old order: renamed where what it names was, without what is gone, and with what came. */
  mend(): void {
    for (const { group, list, attributes, names, held } of this.#lists) {
      const now = list === WEIGHTS ? weightsIn(group) : layersIn(group);
      const left = new Map(now);
      const mended = names.map((part) =>
        part.flatMap(({ name, object }) => {
          if (!object) return [name];
          const current = left.get(object);
          left.delete(object);
          return current === undefined ? [] : [current];
        }),
      );
      const came = [...left].filter(([object]) => !held.has(object)).map(([, name]) => name);
      mended.at(-1)?.push(...came);
      for (const [i, attribute] of attributes.entries()) {
        const texts = mended[i] ?? [];
        const before = names[i]?.map(({ name }) => name) ?? [];
        if (texts.join('\0') !== before.join('\0')) this.#edits.setTexts(group, attribute, texts);
      }
    }
  }

  #read(group: HdfObject, list: string): NamedList[] {
    const attributes = partsOf(group, list);
    if (attributes.length === 0) return [];
    const held = list === WEIGHTS ? weightsIn(group) : layersIn(group);
    const byName = new Map([...held].map(([object, name]) => [name, object]));
    const names = attributes.map((attribute) =>
      (this.#edits.texts(group, attribute) ?? []).map((name) => ({ name, object: byName.get(name) })),
    );
    return [{ group, list, attributes, names, held: new Set(held.keys()) }];
  }
}

function* groupsUnder(root: HdfObject): Generator<HdfObject> {
  const seen = new Set<HdfObject>();
  const pending = [root];
  for (let object = pending.pop(); object; object = pending.pop()) {
    if (!object.group || seen.has(object)) continue;
    seen.add(object);
    yield object;
    for (const { object: child } of object.group.links.values()) if (child) pending.push(child);
  }
}

/** The datasets under a group by their paths from there. */
function weightsIn(group: HdfObject): Map<HdfObject, string> {
  const found = new Map<HdfObject, string>();
  const seen = new Set<HdfObject>();
  const pending: { readonly object: HdfObject; readonly path: string }[] = [{ object: group, path: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next.object)) continue;
    seen.add(next.object);
    if (next.object.storage) found.set(next.object, next.path.slice(1));
    for (const [name, { object }] of next.object.group?.links ?? []) {
      if (object) pending.push({ object, path: `${next.path}/${name}` });
    }
  }
  return found;
}

/** The groups right under a group that hold weights. */
function layersIn(group: HdfObject): Map<HdfObject, string> {
  const found = new Map<HdfObject, string>();
  for (const [name, { object }] of group.group?.links ?? []) {
    if (object && partsOf(object, WEIGHTS).length > 0) found.set(object, name);
  }
  return found;
}
