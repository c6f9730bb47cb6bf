import type { Cursor } from './cursor.ts';
import type { PickleState } from './state.ts';

/**
 * Does what an opcode says. Reads all of the opcode's argument before it changes the state, since it is
 * run again where the window ended within the argument.
 */
export type Handler = (state: PickleState, cursor: Cursor) => void;

export type Handlers = readonly (readonly [opcode: number, handler: Handler])[];
