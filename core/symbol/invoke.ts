import { NDArray } from '../device/nd-array.ts';
import { setOperatorDispatcher } from '../device/operator-dispatcher.ts';
import { InvalidStateError } from '../errors.ts';
import { applyOperator } from './apply.ts';
import { attachGrad, backward, gradOf, unmark } from './autograd.ts';
import { isRecording } from './autograd-state.ts';
import './operators/all.ts';
import { entryOf, isRecordedResult, variableOf } from './tape.ts';

export { applyOperator as invokeOperator } from './apply.ts';

/** Loading this module gives the methods of NDArray their operators and autograd. */
setOperatorDispatcher({
  records: (array) => isRecording() && entryOf(array) !== null,
  invoke: applyOperator,
  attachGrad,
  dropGrad: unmark,
  gradOf,
  backward: backwardAndWait,
  assertWritable,
});

/** Enqueues at once; the promise settles when the gradients are there. */
async function backwardAndWait(array: NDArray, headGradient: NDArray | null): Promise<void> {
  const written = backward(array, headGradient);
  await array.runtime.sync(written.filter((buffer) => buffer instanceof NDArray));
}

function assertWritable(array: NDArray): void {
  if (isRecordedResult(array)) {
    throw new InvalidStateError(
      'The result of recorded operators cannot be changed in place: detach it or copy it first.',
    );
  }
  if (isRecording() && variableOf(array)) {
    throw new InvalidStateError(
      'A marked array cannot be changed in place while autograd records: do it within autograd.pause.',
    );
  }
}
