import { PickleObject, PickleString, PickleTuple, type PickleValue } from '../pickle/values.ts';
import { objectArray } from './numpy-values.ts';
import { keyText } from './python-text.ts';
import { attributesOf, classNameOf, itemsOf, pairsOf, sequenceOf, valueOfKey } from './python-values.ts';

/** A value within another, by its key, index or attribute. */
export interface Member {
  readonly key: string;
  readonly value: PickleValue;
  /** Whether the key stands in the names of tensors: `_parameters` of a module does not. */
  readonly named: boolean;
  /** Whether tensors that were found already are left out here: a module's own lists of its parameters. */
  readonly aside?: boolean;
}

export interface Members {
  readonly kind: 'mapping' | 'sequence' | 'object';
  /** The class, where it is no plain dict, list or tuple. */
  readonly type?: string;
  readonly members: readonly Member[];
}

/** What a value holds; undefined for one that holds nothing: a number, a text, a tensor. */
export function membersOf(value: PickleValue): Members | undefined {
  const pairs = pairsOf(value);
  if (pairs) return { kind: 'mapping', ...typeOf(value), members: [...keyed(pairs), ...attributes(value)] };
  const sequence = sequenceOf(value);
  if (sequence) {
    const type = sequence.type === 'list' ? {} : { type: sequence.type };
    return { kind: 'sequence', ...type, members: [...indexed(sequence.items), ...attributes(value)] };
  }
  if (!(value instanceof PickleObject)) return undefined;
  const objects = objectArray(value);
  if (objects) return { kind: 'sequence', type: 'numpy.ndarray', members: indexed(objects) };
  const wrapped = unwrapped(value);
  return wrapped === undefined ? objectMembers(value) : membersOf(wrapped);
}

function typeOf(value: PickleValue): { type?: string } {
  const type = value instanceof PickleObject ? classNameOf(value) : undefined;
  return type === undefined ? {} : { type };
}

/** TorchScript's own wrappers of lists (torch/csrc/jit/serialization/pickler.cpp). */
const WRAPPERS = /^torch\.jit\._pickle\.(?:build_(?:int|double|bool|tensor)list|restore_type_tag)$/;

/** What stands within a call that only says how to see it. */
export function unwrapped(object: PickleObject): PickleValue | undefined {
  if (!WRAPPERS.test(object.qualifiedName ?? '')) return undefined;
  return object.args instanceof PickleTuple ? (object.args.items[0] ?? null) : undefined;
}

function objectMembers(object: PickleObject): Members {
  const attributePairs = attributesOf(object.states ?? []);
  const own = moduleMembers(attributePairs) ?? keyed(attributePairs);
  const state = attributePairs.length === 0 ? indexedStates(object.states ?? []) : [];
  const items = [...indexed(object.items ?? []), ...keyed(object.pairs ?? [])];
  const type = classNameOf(object) ?? '(unknown)';
  return { kind: 'object', type, members: [...argumentMembers(object), ...own, ...state, ...items] };
}

/** The class is shown as the type, so that `(cls, object, None)` of `copyreg._reconstructor` says nothing more. */
function argumentMembers(object: PickleObject): Member[] {
  if (object.qualifiedName !== classNameOf(object)) return [];
  const args = itemsOf(object.args) ?? [];
  const kwargs = pairsOf(object.kwargs) ?? [];
  return [...args.map((value, i) => ({ key: `args.${i}`, value, named: true })), ...keyed(kwargs)];
}

function indexedStates(states: readonly PickleValue[]): Member[] {
  return states.map((value, i) => ({ key: i === 0 ? 'state' : `state.${i}`, value, named: true }));
}

function attributes(value: PickleValue): Member[] {
  return value instanceof PickleObject ? keyed(attributesOf(value.states ?? [])) : [];
}

const MODULE_DICTS = ['_parameters', '_buffers', '_modules'] as const;

/**
 * Of an `nn.Module`: its parameters, buffers and submodules under the names that `state_dict` gives them,
 * then its other attributes. Undefined for any other object.
 */
function moduleMembers(pairs: readonly PickleValue[]): Member[] | undefined {
  const dicts = MODULE_DICTS.map((key) => ({ key, value: valueOfKey(pairs, key) }));
  if (dicts.some(({ value }) => pairsOf(value) === undefined)) return undefined;
  const own = dicts.map(({ key, value }) => ({ key, value: value ?? null, named: false }));
  const rest = keyed(pairs).filter(
    ({ key, value }) => !own.some((dict) => dict.key === key) && !isEmptyHook(key, value),
  );
  return [...own, ...rest.map((member) => ({ ...member, aside: true }))];
}

/** Dicts of hooks, which nearly every module has empty. */
function isEmptyHook(key: string, value: PickleValue): boolean {
  if (!key.startsWith('_')) return false;
  const count = pairsOf(value)?.length ?? (value === null ? 0 : sequenceOf(value)?.items.length);
  return count === 0;
}

function keyed(pairs: readonly PickleValue[]): Member[] {
  const members = new Map<string, Member>();
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const key = pairs[at] ?? null;
    const text = keyText(key);
    // Keys of different types may read alike: `1` and `'1'`.
    const identity = key instanceof PickleString ? `'${text}` : text;
    members.set(identity, { key: text, value: pairs[at + 1] ?? null, named: true });
  }
  return [...members.values()];
}

function indexed(items: readonly PickleValue[]): Member[] {
  return items.map((value, i) => ({ key: String(i), value, named: true }));
}
