import type { Handlers } from './handlers.ts';
import { OP } from './opcodes.ts';
import type { PickleState } from './state.ts';
import { PickleDict, PickleList, PickleObject, PickleSet, PickleTuple, type PickleValue } from './values.ts';

/** Bytes that an empty container takes. */
const CONTAINER = 80;

/** Opcodes that make or fill containers. */
export const CONTAINER_HANDLERS: Handlers = [
  [OP.MARK, (state) => state.mark()],
  [OP.EMPTY_TUPLE, (state) => pushTuple(state, { items: [], start: state.cursor.start })],
  [OP.TUPLE1, (state) => pushTuple(state, state.popMany(1))],
  [OP.TUPLE2, (state) => pushTuple(state, state.popMany(2))],
  [OP.TUPLE3, (state) => pushTuple(state, state.popMany(3))],
  [OP.TUPLE, (state) => pushTuple(state, state.popMark())],
  [OP.EMPTY_LIST, (state) => pushList(state, { items: [], start: state.cursor.start })],
  [OP.LIST, (state) => pushList(state, state.popMark())],
  [OP.EMPTY_DICT, (state) => pushDict(state, { items: [], start: state.cursor.start })],
  [OP.DICT, (state) => pushDict(state, state.popMark())],
  [OP.EMPTY_SET, (state) => pushSet(state, false, { items: [], start: state.cursor.start })],
  [OP.FROZENSET, (state) => pushSet(state, true, state.popMark())],
  [OP.APPEND, (state) => append(state, [state.popValue()])],
  [OP.APPENDS, (state) => append(state, state.popMark().items)],
  [OP.ADDITEMS, (state) => addItems(state, state.popMark().items)],
  [OP.SETITEM, (state) => setItems(state, state.popMany(2).items)],
  [OP.SETITEMS, (state) => setItems(state, state.popMark().items)],
];

interface Popped {
  readonly items: PickleValue[];
  readonly start: number;
}

function pushTuple(state: PickleState, { items, start }: Popped): void {
  state.charge(CONTAINER);
  state.push(new PickleTuple(items, start, state.cursor.position), start);
}

function pushList(state: PickleState, { items, start }: Popped): void {
  state.charge(CONTAINER);
  const list = new PickleList(start, state.cursor.position);
  addAll(list.items, items);
  state.push(list, start);
}

function pushDict(state: PickleState, { items, start }: Popped): void {
  state.charge(CONTAINER);
  const dict = new PickleDict(start, state.cursor.position);
  addAll(dict.pairs, inPairs(state, items));
  state.push(dict, start);
}

function pushSet(state: PickleState, frozen: boolean, { items, start }: Popped): void {
  state.charge(CONTAINER);
  state.push(new PickleSet(items, frozen, start, state.cursor.position), start);
}

function append(state: PickleState, items: PickleValue[]): void {
  const target = state.top();
  if (target instanceof PickleList) addAll(target.items, items);
  else if (target instanceof PickleObject) target.items = addAll(target.items ?? [], items);
  else state.cursor.fail('it appends to what is no list');
  state.charge(8 * items.length);
  target.stop = state.cursor.position;
}

function addItems(state: PickleState, items: PickleValue[]): void {
  const target = state.top();
  if (target instanceof PickleSet && !target.frozen) addAll(target.items, items);
  else if (target instanceof PickleObject) target.items = addAll(target.items ?? [], items);
  else state.cursor.fail('it adds to what is no set');
  state.charge(8 * items.length);
  target.stop = state.cursor.position;
}

function setItems(state: PickleState, items: PickleValue[]): void {
  const target = state.top();
  const pairs = inPairs(state, items);
  if (target instanceof PickleDict) addAll(target.pairs, pairs);
  else if (target instanceof PickleObject) target.pairs = addAll(target.pairs ?? [], pairs);
  else state.cursor.fail('it sets an item of what is no dict');
  state.charge(8 * items.length);
  target.stop = state.cursor.position;
}

function inPairs(state: PickleState, items: PickleValue[]): PickleValue[] {
  return items.length % 2 === 0 ? items : state.cursor.fail('a key of a dict has no value');
}

/** `push(...items)` would put all of them on JavaScript's own stack. */
function addAll(target: PickleValue[], items: readonly PickleValue[]): PickleValue[] {
  for (const item of items) target.push(item);
  return target;
}
