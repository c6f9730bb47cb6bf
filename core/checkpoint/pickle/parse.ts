import { setImmediate } from 'node:timers/promises';
import { ATOM_HANDLERS } from './atom-opcodes.ts';
import { CONTAINER_HANDLERS } from './container-opcodes.ts';
import { Cursor, Incomplete } from './cursor.ts';
import type { Handler } from './handlers.ts';
import { MAX_OPCODE_BYTES, STRUCTURE_ALLOWANCE } from './limits.ts';
import { MEMO_HANDLERS } from './memo-opcodes.ts';
import { OBJECT_HANDLERS } from './object-opcodes.ts';
import { PickleState } from './state.ts';
import type { PicklePersistent, PickleValue } from './values.ts';

/** The bytes of a pickle; the parser asks for ranges in ascending order, and steps over long values. */
export interface PickleSource {
  /** For messages. */
  readonly name: string;
  /** Of the pickle, or of all that may belong to it where only its STOP ends it. */
  readonly size: number;
  /** The bytes `[start, start + nbytes)`. */
  read(start: number, nbytes: number): Promise<Uint8Array>;
}

export interface ParsedPickle {
  readonly value: PickleValue;
  readonly protocol: number;
  /** The position behind its STOP. */
  readonly end: number;
  /** The qualified names of all classes and functions that it names, with where in the pickle each stands first. */
  readonly globals: ReadonlyMap<string, number>;
  /** Every reference to what lies outside the pickle. */
  readonly persistents: readonly PicklePersistent[];
}

/** Some ten milliseconds of work; other tasks have their turn after each. */
const WINDOW = 512 * 1024;

/** What comes first: a small pickle in a large file. */
const FIRST_WINDOW = 16 * 1024;

/**
 * Reads one pickle of any protocol and executes nothing: what Python would import and call is written down
 * as nodes (CPython, Lib/pickletools.py). No recursion, and memory in proportion to the pickle's size
 * without its long strings and bytes, which stay in the file.
 *
 * @throws CheckpointFormatError with the offset where it is malformed, cut short or beyond the limits.
 * @throws UnsafeCheckpointError where it would change a class.
 */
export async function parsePickle(source: PickleSource): Promise<ParsedPickle> {
  const cursor = new Cursor(source.name, source.size);
  const state = new PickleState(cursor, Math.min(source.size, MAX_OPCODE_BYTES) + STRUCTURE_ALLOWANCE);
  let wanted = FIRST_WINDOW;
  let read = 0;
  while (state.result === null) {
    const { position } = cursor;
    const nbytes = Math.min(wanted, source.size - position);
    if (nbytes <= 0) cursor.exhausted();
    read += nbytes;
    if (read > 2 * MAX_OPCODE_BYTES) cursor.fail(`it has more than ${MAX_OPCODE_BYTES} bytes of opcodes`);
    cursor.slide(await source.read(position, nbytes), position);
    const needed = runWindow(state, cursor);
    const steppedOver = cursor.position > position + nbytes;
    wanted = Math.max(steppedOver ? FIRST_WINDOW : Math.min(2 * wanted, WINDOW), needed);
    if (state.result === null) await setImmediate();
  }
  const { protocol, globals, persistents } = state;
  return { value: state.result.value, protocol, end: cursor.position, globals, persistents };
}
/** Runs the opcodes in the window; returns how many bytes the next one needs. */
function runWindow(state: PickleState, cursor: Cursor): number {
  try {
    while (cursor.ready && state.result === null) runOpcode(state, cursor);
    return 1;
  } catch (error) {
    if (!(error instanceof Incomplete)) throw error;
    cursor.rewind();
    return error.wanted;
  }
}

function runOpcode(state: PickleState, cursor: Cursor): void {
  const opcode = cursor.opcode();
  const handler = TABLE[opcode];
  if (!handler) cursor.fail(`0x${opcode.toString(16).padStart(2, '0')} is no opcode`);
  handler(state, cursor);
}

const TABLE: readonly (Handler | undefined)[] = (() => {
  const table: (Handler | undefined)[] = new Array(256).fill(undefined);
  for (const handlers of [ATOM_HANDLERS, CONTAINER_HANDLERS, OBJECT_HANDLERS, MEMO_HANDLERS]) {
    for (const [opcode, handler] of handlers) table[opcode] = handler;
  }
  return table;
})();
