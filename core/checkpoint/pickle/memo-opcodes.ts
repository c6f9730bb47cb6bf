import type { Cursor } from './cursor.ts';
import type { Handlers } from './handlers.ts';
import { HIGHEST_PROTOCOL, OP } from './opcodes.ts';
import { decimalInteger } from './text.ts';

/** Opcodes of the memo, of the stack itself and of framing. */
export const MEMO_HANDLERS: Handlers = [
  [OP.PUT, (state, cursor) => state.memoize(indexLine(cursor))],
  [OP.BINPUT, (state, cursor) => state.memoize(cursor.byte())],
  [OP.LONG_BINPUT, (state, cursor) => state.memoize(cursor.uint32())],
  [OP.MEMOIZE, (state) => state.memoize()],
  [OP.GET, (state, cursor) => state.push(state.recall(indexLine(cursor)))],
  [OP.BINGET, (state, cursor) => state.push(state.recall(cursor.byte()))],
  [OP.LONG_BINGET, (state, cursor) => state.push(state.recall(cursor.uint32()))],
  [OP.DUP, (state) => state.push(state.top())],
  [OP.POP, (state) => state.drop()],
  [OP.POP_MARK, (state) => void state.popMark()],
  [
    OP.PROTO,
    (state, cursor) => {
      const protocol = cursor.byte();
      if (protocol > HIGHEST_PROTOCOL) {
        cursor.fail(`its protocol is ${protocol}; those up to ${HIGHEST_PROTOCOL} are known`);
      }
      state.protocol = protocol;
    },
  ],
  [
    OP.FRAME,
    (_, cursor) => {
      const nbytes = cursor.length64();
      if (cursor.position + nbytes > cursor.size) cursor.fail(`a frame of ${nbytes} bytes reaches beyond the end`);
    },
  ],
  [
    OP.STOP,
    (state) => {
      state.result = { value: state.popValue() };
    },
  ],
];

function indexLine(cursor: Cursor): number {
  const index = decimalInteger(cursor.line().toString('latin1'), cursor);
  if (typeof index !== 'number' || index < 0) return cursor.fail('a number of the memo is out of range');
  return index;
}
