import { InvalidArgumentError } from '../../errors.ts';
import { PickleDict, PickleObject, type PickleValue } from '../pickle/values.ts';
import { keyText } from './python-text.ts';
import { argsOf } from './python-values.ts';
import { textNode } from './tensor-nodes.ts';
import type { FoundTensor } from './walk.ts';

/** What becomes of one tensor of a pickle. */
export interface TensorEdit {
  readonly tensor: FoundTensor;
  /** Null where it is deleted. */
  readonly name: string | null;
  /** What stands in its place; null to leave it. */
  readonly node: PickleValue;
}

/** The keys and values of a dict that can be written anew; undefined for what is no such dict. */
export function editablePairs(value: PickleValue): PickleValue[] | undefined {
  if (value instanceof PickleDict) return value.pairs;
  if (!(value instanceof PickleObject) || !DICTS.has(value.qualifiedName ?? '')) return undefined;
  const initial = argsOf(value).length - (value.qualifiedName === 'collections.defaultdict' ? 1 : 0);
  // Python 2 wrote the items of an OrderedDict as its argument.
  if (initial > 0) return undefined;
  value.pairs ??= [];
  return value.pairs;
}

const DICTS = new Set(['collections.OrderedDict', 'collections.defaultdict']);

/** The path of the dict among `dicts` that a tensor of this name would stand in; undefined for none. */
export function dictFor(name: string, dicts: Iterable<string>): string | undefined {
  let best: string | undefined;
  for (const dict of dicts) {
    const fits = dict === '' || (name.startsWith(`${dict}.`) && name.length > dict.length + 1);
    if (fits && (best === undefined || dict.length > best.length)) best = dict;
  }
  return best;
}

/** The path of the dict that holds a tensor. */
export function dictOf({ name, key }: Pick<FoundTensor, 'name' | 'key'>): string {
  return name.slice(0, Math.max(0, name.length - key.length - 1));
}

/** The key of a tensor called `name` in the dict at `dict`. */
function keyIn(dict: string, name: string): string {
  return dict === '' ? name : name.slice(dict.length + 1);
}

/**
 * Changes the dicts of a parsed pickle: keys, values, what is deleted and what is added. The order of what
 * stays is kept; what moves to another dict, or is new, goes to its end.
 */
export class StructureEditor {
  readonly #holders = new Map<string, PickleValue[]>();
  readonly #places = new Map<PickleValue[], Map<string, number>>();
  readonly #removed = new Map<PickleValue[], Set<number>>();
  readonly #added: (() => void)[] = [];

  constructor(tensors: readonly FoundTensor[]) {
    for (const tensor of tensors) {
      const pairs = tensor.inObject ? undefined : editablePairs(tensor.holder);
      if (pairs && !this.#holders.has(dictOf(tensor))) this.#holders.set(dictOf(tensor), pairs);
    }
  }

  /** @throws InvalidArgumentError where the tensor stands in no dict, or its new name has none to go to. */
  edit({ tensor, name, node }: TensorEdit): void {
    const pairs = tensor.inObject ? undefined : editablePairs(tensor.holder);
    const at = pairs && this.#placeOf(pairs, tensor.key);
    if (!pairs || at === undefined) {
      throw new InvalidArgumentError(
        `'${tensor.name}' stands in no dict of the file, so that it can be given new values only. Save as safetensors.`,
        { name: tensor.name },
      );
    }
    const value = node ?? pairs[at + 1] ?? null;
    const dict = dictOf(tensor);
    if (name === null) this.#remove(pairs, at);
    else if (dict === '' || name.startsWith(`${dict}.`)) {
      if (name !== tensor.name) pairs[at] = textNode(keyIn(dict, name));
      pairs[at + 1] = value;
    } else {
      this.#remove(pairs, at);
      this.add(name, value);
    }
  }

  /** @throws InvalidArgumentError where no dict has room for the name. */
  add(name: string, node: PickleValue): void {
    const dict = dictFor(name, this.#holders.keys());
    const pairs = dict === undefined ? undefined : this.#holders.get(dict);
    if (dict === undefined || !pairs) {
      const known = [...this.#holders.keys()].slice(0, 5).map((path) => `${path}.`);
      throw new InvalidArgumentError(
        `The file has no dict that could hold '${name}'${known.length > 0 ? `: names begin with ${known.join(', ')}` : ''}.`,
        { name },
      );
    }
    this.#added.push(() => pairs.push(textNode(keyIn(dict, name)), node));
  }

  /** Carries out what was removed and added. */
  finish(): void {
    for (const [pairs, removed] of this.#removed) {
      const kept = pairs.filter((_value, at) => !removed.has(at - (at % 2)));
      pairs.length = 0;
      for (const value of kept) pairs.push(value);
    }
    for (const add of this.#added) add();
  }

  #placeOf(pairs: PickleValue[], key: string): number | undefined {
    let places = this.#places.get(pairs);
    if (!places) {
      places = new Map();
      for (let at = 0; at + 1 < pairs.length; at += 2) places.set(keyText(pairs[at] ?? null), at);
      this.#places.set(pairs, places);
    }
    return places.get(key);
  }

  #remove(pairs: PickleValue[], at: number): void {
    const removed = this.#removed.get(pairs) ?? new Set();
    this.#removed.set(pairs, removed.add(at));
  }
}
