import { parentPort, workerData } from 'node:worker_threads';
import type { Expression } from '../../ndarray/expression.ts';
import { evaluateExpression } from './evaluate-expression.ts';

/** The thread that works an expression out, piece by piece. */

export interface ArithmeticPiece {
  readonly count: number;
  /** For each source its elements, or the one number that it consists of. */
  readonly operands: readonly (Float64Array<ArrayBuffer> | number)[];
}

const expression = workerData as Expression;
parentPort?.on('message', (piece: ArithmeticPiece) => {
  const result = evaluateExpression(expression, piece);
  parentPort?.postMessage(result, [result.buffer]);
});
