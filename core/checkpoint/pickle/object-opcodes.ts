import type { Cursor } from './cursor.ts';
import { unsafe } from './fail.ts';
import type { Handlers } from './handlers.ts';
import { OP } from './opcodes.ts';
import type { PickleState } from './state.ts';
import {
  type ObjectParts,
  PickleBuffer,
  PickleExtension,
  PickleGlobal,
  PickleObject,
  PicklePersistent,
  PickleString,
  PickleTuple,
  type PickleValue,
} from './values.ts';

const OBJECT = 128;

/** Opcodes that would import, call or build something in Python, and here only write down that they would. */
export const OBJECT_HANDLERS: Handlers = [
  [OP.GLOBAL, (state, cursor) => pushGlobal(state, globalLines(cursor), cursor.start)],
  [OP.STACK_GLOBAL, stackGlobal],
  [OP.REDUCE, (state) => pushObject(state, 'reduce')],
  [OP.NEWOBJ, (state) => pushObject(state, 'newobj')],
  [OP.NEWOBJ_EX, newObjectEx],
  [OP.INST, inst],
  [OP.OBJ, obj],
  [OP.BUILD, build],
  [OP.PERSID, (state, cursor) => persistentLine(state, cursor)],
  [OP.BINPERSID, persistent],
  [OP.EXT1, (state, cursor) => state.push(new PickleExtension(cursor.byte(), cursor.start))],
  [OP.EXT2, (state, cursor) => state.push(new PickleExtension(cursor.uint16(), cursor.start))],
  [OP.EXT4, (state, cursor) => state.push(new PickleExtension(cursor.int32(), cursor.start))],
  [OP.NEXT_BUFFER, (state, cursor) => state.push(new PickleBuffer(state.buffers++, false, cursor.start))],
  [OP.READONLY_BUFFER, readonlyBuffer],
];

function globalLines(cursor: Cursor): { module: string; name: string } {
  const module = cursor.line().toString('utf8');
  return { module, name: cursor.line().toString('utf8') };
}

function pushGlobal(state: PickleState, { module, name }: { module: string; name: string }, start: number): void {
  state.push(newGlobal(state, { module, name }, start), start);
}

function newGlobal(
  state: PickleState,
  { module, name }: { module: string; name: string },
  start: number,
): PickleGlobal {
  state.charge(OBJECT + 4 * (module.length + name.length));
  const global = new PickleGlobal(module, name, start, state.cursor.position);
  const { qualifiedName } = global;
  if (!state.globals.has(qualifiedName)) state.globals.set(qualifiedName, start);
  return global;
}

function stackGlobal(state: PickleState): void {
  const name = state.popValue();
  const { value: module, start } = state.pop();
  if (!(name instanceof PickleString && module instanceof PickleString) || name.text === null || module.text === null) {
    state.cursor.fail('the name of a class or function is no string');
  }
  pushGlobal(state, { module: module.text, name: name.text }, start);
}

function pushObject(state: PickleState, construction: 'reduce' | 'newobj'): void {
  const args = state.popValue();
  const { value: callable, start } = state.pop();
  made(state, { construction, callable, args }, start);
}

function newObjectEx(state: PickleState): void {
  const kwargs = state.popValue();
  const args = state.popValue();
  const { value: callable, start } = state.pop();
  made(state, { construction: 'newobj_ex', callable, args, kwargs }, start);
}

function inst(state: PickleState, cursor: Cursor): void {
  const names = globalLines(cursor);
  const { items, start } = state.popMark();
  state.charge(OBJECT);
  const callable = newGlobal(state, names, cursor.start);
  const args = new PickleTuple(items, start, cursor.start);
  made(state, { construction: 'inst', callable, args }, start);
}

function obj(state: PickleState, cursor: Cursor): void {
  const { items, start } = state.popMark();
  const [callable, ...rest] = items;
  if (callable === undefined) cursor.fail('an object has no class');
  state.charge(OBJECT + 8 * rest.length);
  made(state, { construction: 'inst', callable, args: new PickleTuple(rest, start, cursor.start) }, start);
}

function made(state: PickleState, parts: ObjectParts, start: number): void {
  state.charge(OBJECT);
  state.push(new PickleObject(parts, start, state.cursor.position), start);
}

/** `__setstate__`, or attributes: kept beside the object. */
function build(state: PickleState): void {
  const value = state.popValue();
  const target = state.top();
  if (target instanceof PickleGlobal) {
    unsafe(
      { name: state.cursor.name, offset: state.cursor.start },
      `it would change ${target.qualifiedName} itself, which no checkpoint needs`,
    );
  }
  if (!(target instanceof PickleObject)) state.cursor.fail('it sets the state of what has none');
  state.charge(32);
  target.states ??= [];
  target.states.push(value);
  target.stop = state.cursor.position;
}

function persistentLine(state: PickleState, cursor: Cursor): void {
  const offset = cursor.position;
  const line = cursor.line();
  const text = line.toString('utf8');
  state.charge(OBJECT + 2 * text.length);
  const id = new PickleString(text, 'escaped', cursor.start, { offset, nbytes: line.length });
  pushPersistent(state, new PicklePersistent(id, cursor.start, cursor.position));
}

function persistent(state: PickleState): void {
  const { value, start } = state.pop();
  state.charge(OBJECT);
  pushPersistent(state, new PicklePersistent(value, start, state.cursor.position));
}

function pushPersistent(state: PickleState, reference: PicklePersistent): void {
  state.persistents.push(reference);
  state.push(reference, reference.start);
}

function readonlyBuffer(state: PickleState): void {
  const { value, start } = state.pop();
  state.push(readonlyOf(value), start);
}

function readonlyOf(value: PickleValue): PickleValue {
  return value instanceof PickleBuffer ? new PickleBuffer(value.index, true, value.start) : value;
}
