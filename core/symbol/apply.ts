import type { NDArray } from '../device/nd-array.ts';
import type { Attributes } from '../device/protocol.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import { isRecording, unrecorded } from './autograd-state.ts';
import { inferOutput } from './infer.ts';
import { type OperatorDefinition, operatorOf } from './operators/registry.ts';
import { recordCall } from './tape.ts';
import { noteMade, tidy } from './tidy.ts';

/**
 * Enqueues the operator `name` on the device of its inputs, and puts it on the tape where autograd
 * records. Shapes and dtypes are checked here, before anything is enqueued.
 *
 * @throws ShapeMismatchError, DTypeMismatchError that name the operator and what it was given.
 * @throws InvalidArgumentError for an unknown operator, wrong attributes or a wrong number of inputs.
 * @throws DeviceMismatchError where the inputs are on several devices.
 */
export function applyOperator(name: string, inputs: readonly NDArray[], attributes: Attributes = {}): NDArray {
  const definition = operatorOf(name);
  const spec = inferOutput(definition, inputs, attributes);
  const output = definition.compose
    ? compose(definition, inputs, attributes)
    : invokeKernel(definition, inputs, {
        attributes: kernelAttributes(definition, inputs, attributes),
        outputs: [spec],
      });
  if (definition.gradient && isRecording()) recordCall({ definition, attributes, inputs, output });
  return output;
}

function compose(definition: OperatorDefinition, inputs: readonly NDArray[], attributes: Attributes): NDArray {
  const run = () => tidy(() => definition.compose?.(inputs, attributes) ?? missing(definition));
  const output = definition.gradient ? unrecorded(run) : run();
  if (inputs.includes(output)) throw new InvalidStateError(`${definition.name} must make an array of its own.`);
  noteMade(output);
  return output;
}

function invokeKernel(
  { name }: OperatorDefinition,
  inputs: readonly NDArray[],
  call: Parameters<NDArray['runtime']['invoke']>[2],
): NDArray {
  const [first] = inputs;
  if (!first) throw new InvalidArgumentError(`${name} needs at least one array.`);
  const [output] = first.runtime.invoke(name, inputs, call);
  if (!output) throw new InvalidStateError(`${name} made nothing.`);
  noteMade(output);
  return output;
}

function kernelAttributes(
  definition: OperatorDefinition,
  inputs: readonly NDArray[],
  attributes: Attributes,
): Attributes {
  return (
    definition.kernelAttributes?.(
      attributes,
      inputs.map((input) => input.shape),
    ) ?? attributes
  );
}

function missing({ name }: OperatorDefinition): never {
  throw new InvalidStateError(`${name} has neither a kernel nor a composition.`);
}
