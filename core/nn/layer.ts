import type { NDArray } from '../device/nd-array.ts';
import type { Attributes } from '../device/protocol.ts';
import { InvalidStateError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Parameter } from '../parameter/parameter.ts';
import { inferShapes } from '../symbol/infer.ts';
import { invokeOperator } from '../symbol/invoke.ts';
import { operatorOf } from '../symbol/operators/registry.ts';
import { isComplete } from '../symbol/operators/shapes.ts';
import { tidy } from '../symbol/tidy.ts';
import { Block } from './block.ts';

/**
 * A Block that computes with Parameters of its own. The first `forward` tells their unknown sizes from
 * its inputs and finishes their deferred initialization (P-123), as a HybridBlock does in Gluon.
 */
export abstract class Layer extends Block {
  /**
   * The output for `inputs`, which are on one device.
   *
   * @throws ShapeMismatchError, DTypeMismatchError where they do not fit the Parameters.
   * @throws NotInitializedError where a Parameter was not initialized, or has yet to be read from its file.
   * @throws DeviceMismatchError where a Parameter has no copy on the device of the inputs.
   */
  override forward(...inputs: readonly NDArray[]): NDArray {
    this.#finishDeferred(inputs);
    return tidy(() => this.compute(...inputs));
  }

  protected abstract compute(...inputs: readonly NDArray[]): NDArray;

  /** Gives the own Parameters the shapes that go with `inputs`; a Layer with unknown sizes must say how. */
  protected inferShape(..._inputs: readonly NDArray[]): void {
    throw new InvalidStateError(
      `${this.constructor.name} has parameters with unknown shape: give their sizes, or an inferShape() that tells them from the inputs.`,
    );
  }

  #finishDeferred(inputs: readonly NDArray[]): void {
    const deferred = [...this.params.values()].filter(({ status }) => status === 'deferred');
    if (deferred.length === 0) return;
    if (deferred.some(({ shape }) => !isComplete(shape))) this.inferShape(...inputs);
    for (const parameter of deferred) parameter.finishDeferredInitSync();
  }
}

export interface OperatorCall {
  readonly name: string;
  readonly attributes?: Attributes;
  /** In the order in which the operator takes them, after the inputs. */
  readonly parameters: readonly Parameter[];
}

/** A Layer that is one operator over its input and its Parameters. */
export abstract class OperatorLayer extends Layer {
  protected abstract operatorCall(): OperatorCall;

  protected override compute(input: NDArray): NDArray {
    const { name, attributes, parameters } = this.operatorCall();
    return invokeOperator(name, [input, ...copiesBeside(input, parameters)], attributes);
  }

  /** @throws ShapeMismatchError where what is known of the Parameters does not go with the input. */
  protected override inferShape(input: NDArray): void {
    const { name, attributes = {}, parameters } = this.operatorCall();
    const known = { inputs: [input.shape, ...parameters.map(({ shape }) => shape)], output: null };
    const [, ...shapes] = inferShapes(operatorOf(name), known, attributes).inputs;
    parameters.forEach((parameter, index) => {
      const shape = shapes[index];
      if (shape) parameter.shape = shape;
    });
  }
}

/** The copies of `parameters` on the device of `input`. */
export function copiesBeside(input: NDArray, parameters: readonly Parameter[]): NDArray[] {
  return parameters.map((parameter) => parameter.data(input.device));
}

/** As `asType`, but what is made within a forward is freed with it. */
export function cast(x: NDArray, dtype: DType): NDArray {
  return invokeOperator('cast', [x], { dtype });
}
