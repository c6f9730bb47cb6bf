import { InvalidStateError } from '../errors.ts';
import type { NDArray } from './nd-array.ts';
import type { Attributes } from './protocol.ts';

/**
 * What the methods of NDArray call: operators and autograd belong to core/symbol, which knows this
 * layer and not the other way round.
 */
export interface OperatorDispatcher {
  /** True where autograd would put an operator on `array` on the tape. */
  records(array: NDArray): boolean;
  invoke(name: string, inputs: readonly NDArray[], attributes: Attributes): NDArray;
  attachGrad(array: NDArray, req: 'write' | 'add' | 'null'): void;
  dropGrad(array: NDArray): void;
  gradOf(array: NDArray): NDArray | null;
  backward(array: NDArray, headGradient: NDArray | null): Promise<void>;
  /** @throws InvalidStateError where a write in place would falsify a recorded graph. */
  assertWritable(array: NDArray): void;
}

let current: OperatorDispatcher | null = null;

/** Called by core/symbol when it is loaded. */
export function setOperatorDispatcher(dispatcher: OperatorDispatcher): void {
  current = dispatcher;
}

export function operatorDispatcher(): OperatorDispatcher {
  if (current) return current;
  throw new InvalidStateError('Operators are not loaded: import parascope/core, or core/symbol/invoke.ts within it.');
}

/** False also where core/symbol is not loaded: then nothing is ever recorded. */
export function isRecorded(array: NDArray): boolean {
  return current?.records(array) ?? false;
}

/** @throws InvalidStateError where a write in place would falsify a recorded graph. */
export function assertWritable(array: NDArray): void {
  current?.assertWritable(array);
}
