import {
  PickleBytes,
  PickleDict,
  PickleFloat,
  PickleGlobal,
  PickleList,
  PickleObject,
  PicklePersistent,
  PickleSet,
  PickleString,
  PickleTuple,
  type PickleValue,
} from '../pickle/values.ts';

/** The text of a string that is not too long to hold. */
export function textOf(value: PickleValue | undefined): string | undefined {
  return value instanceof PickleString ? (value.text ?? undefined) : undefined;
}

/** A whole number that JavaScript holds exactly. */
export function integerValue(value: PickleValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function realValue(value: PickleValue | undefined): number | undefined {
  if (value instanceof PickleFloat) return value.value;
  return typeof value === 'bigint' ? Number(value) : integerValue(value);
}

/** The items of a tuple or list, also of a `torch.Size`. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  if (value instanceof PickleTuple || value instanceof PickleList) return value.items;
  if (value instanceof PickleObject && value.qualifiedName === 'torch.Size') return itemsOf(argsOf(value)[0]);
  return undefined;
}

export function argsOf(object: PickleObject): readonly PickleValue[] {
  return object.args instanceof PickleTuple ? object.args.items : [];
}

/**
 * The qualified name of what an object is made by: the class itself for `copyreg._reconstructor(cls, …)`
 * of protocols 0 and 1, and for a legacy file's reference to a module with its source text.
 */
export function classNameOf(object: PickleObject): string | undefined {
  const name = object.qualifiedName;
  if (name === 'copyreg._reconstructor' || name === 'copy_reg._reconstructor') return globalName(argsOf(object)[0]);
  return name ?? globalName(object.callable);
}

export function globalName(value: PickleValue | undefined): string | undefined {
  if (value instanceof PickleGlobal) return value.qualifiedName;
  if (!(value instanceof PicklePersistent)) return undefined;
  const id = itemsOf(value.id);
  return id && textOf(id[0]) === 'module' ? globalName(id[1]) : undefined;
}

const DICT_CLASSES = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
  'builtins.dict',
  '__builtin__.dict',
]);

/** Keys and values in turn; undefined where the value is no dict or OrderedDict, defaultdict or Counter. */
export function pairsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  if (value instanceof PickleDict) return value.pairs;
  if (!(value instanceof PickleObject) || !DICT_CLASSES.has(value.qualifiedName ?? '')) return undefined;
  const [first] = argsOf(value).slice(value.qualifiedName === 'collections.defaultdict' ? 1 : 0);
  return [...initialPairs(first), ...(value.pairs ?? [])];
}

/** `dict(…)` takes a dict or a list of pairs, which is how Python 2 wrote an OrderedDict. */
function initialPairs(value: PickleValue | undefined): readonly PickleValue[] {
  if (value instanceof PickleDict) return value.pairs;
  return (itemsOf(value) ?? []).flatMap((pair) => {
    const items = itemsOf(pair);
    return items?.length === 2 ? items : [];
  });
}

const SEQUENCE_CLASSES: ReadonlyMap<string, string> = new Map([
  ['builtins.set', 'set'],
  ['__builtin__.set', 'set'],
  ['builtins.frozenset', 'frozenset'],
  ['__builtin__.frozenset', 'frozenset'],
  ['builtins.list', 'list'],
  ['__builtin__.list', 'list'],
  ['builtins.tuple', 'tuple'],
  ['__builtin__.tuple', 'tuple'],
  ['collections.deque', 'collections.deque'],
  ['torch.Size', 'torch.Size'],
]);

export interface PythonSequence {
  readonly items: readonly PickleValue[];
  /** `list`, `tuple`, `set`, … */
  readonly type: string;
}

export function sequenceOf(value: PickleValue): PythonSequence | undefined {
  if (value instanceof PickleList) return { items: value.items, type: 'list' };
  if (value instanceof PickleTuple) return { items: value.items, type: 'tuple' };
  if (value instanceof PickleSet) return { items: value.items, type: value.frozen ? 'frozenset' : 'set' };
  if (!(value instanceof PickleObject)) return undefined;
  const type = SEQUENCE_CLASSES.get(value.qualifiedName ?? '');
  if (type === undefined) return undefined;
  return { items: [...(itemsOf(argsOf(value)[0]) ?? []), ...(value.items ?? [])], type };
}

/** The value of a key in a dict; the last counts where it was set twice. */
export function valueOfKey(pairs: readonly PickleValue[], key: string): PickleValue | undefined {
  for (let at = pairs.length - 2; at >= 0; at -= 2) {
    if (textOf(pairs[at]) === key) return pairs[at + 1];
  }
  return undefined;
}

/** What `__setstate__`, or the object's `__dict__`, is given: attributes by name, those of slots too. */
export function attributesOf(states: readonly PickleValue[]): PickleValue[] {
  return states.flatMap((state) => {
    const pairs = pairsOf(state);
    if (pairs) return [...pairs];
    const items = state instanceof PickleTuple && state.items.length === 2 ? state.items : [];
    const parts = items.map((part) => (part === null ? [] : pairsOf(part)));
    return parts.every((part) => part !== undefined) ? parts.flat() : [];
  });
}

/** The bytes of `_codecs.encode('…', 'latin1')`, as protocols 0 to 2 write bytes; of bytes themselves too. */
export function bytesNode(value: PickleValue | undefined): PickleBytes | PickleString | undefined {
  if (value instanceof PickleBytes) return value;
  if (value instanceof PickleString && value.encoding === 'bytes') return value;
  if (!(value instanceof PickleObject) || value.qualifiedName !== '_codecs.encode') return undefined;
  const [text, encoding] = argsOf(value);
  return text instanceof PickleString && /^(?:latin-?1|iso-?8859-1)$/i.test(textOf(encoding) ?? '') ? text : undefined;
}
