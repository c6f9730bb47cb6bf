import type { NDArray } from '../device/nd-array.ts';
import { assignArray, convertArray, SparseNDArray } from '../device/sparse.ts';
import { type GradientBuffer, markVariable, variableOf } from '../symbol/tape.ts';
import type { GradReq } from './parameter-options.ts';

/** Backward puts the gradient of `array` into `grad`, whatever its storage type (P-270). */
export function markWithBuffer(array: NDArray, grad: NDArray, req: GradReq): void {
  markVariable(array, grad instanceof SparseNDArray ? bufferOver(grad) : grad, req);
}

/**
 * `array` stands for `copy` in a forward pass: its gradient is that of the copy, which counts as fresh
 * once backward has reached `array`.
 */
export function markInPlaceOf(
  copy: NDArray,
  { array, grad, req }: { readonly array: NDArray; readonly grad: NDArray; readonly req: GradReq },
): void {
  const { write, add } = bufferOver(grad);
  const reach = (put: (gradient: NDArray) => void) => (gradient: NDArray) => {
    put(gradient);
    const variable = variableOf(copy);
    if (variable) variable.fresh = true;
  };
  markVariable(array, { array: grad, write: reach(write), add: reach(add) }, req);
}

function bufferOver(grad: NDArray): GradientBuffer {
  return {
    array: grad,
    write: (gradient) => assignArray(grad, gradient),
    add: (gradient) => (grad instanceof SparseNDArray ? grad.accumulate(gradient) : accumulate(grad, gradient)),
  };
}

function accumulate(grad: NDArray, gradient: NDArray): void {
  const addend = convertArray(gradient, grad);
  try {
    grad.runtime.invokeInto('add_n', [grad, addend], { targets: [grad] });
  } finally {
    addend.dispose();
  }
}
