import type { NDArray } from '../device/nd-array.ts';
import type { Attributes } from '../device/protocol.ts';
import { DTypeMismatchError, InvalidArgumentError, ShapeMismatchError, UnsupportedDTypeError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { DTypeKnowledge, OperatorDefinition, ShapeKnowledge } from './operators/registry.ts';
import { formatPartialShape, isComplete } from './operators/shapes.ts';

/** The rules of `definition`, with errors that name the operator and everything it was given. */

/** @throws ShapeMismatchError */
export function inferShapes(
  definition: OperatorDefinition,
  known: ShapeKnowledge,
  attributes: Attributes,
): ShapeKnowledge {
  try {
    return definition.inferShape(known, attributes);
  } catch (error) {
    if (!(error instanceof ShapeMismatchError)) throw naming(definition, error);
    const shapes = known.inputs.map(formatPartialShape).join(', ');
    throw new ShapeMismatchError(`${definition.name} of shapes ${shapes}: ${error.message}.`, {
      operator: definition.name,
    });
  }
}

/** @throws DTypeMismatchError, UnsupportedDTypeError */
export function inferDTypes(
  definition: OperatorDefinition,
  known: DTypeKnowledge,
  attributes: Attributes,
): DTypeKnowledge {
  try {
    return definition.inferDType(known, attributes);
  } catch (error) {
    const message = `${definition.name} of ${known.inputs.join(', ')}: ${error instanceof Error ? error.message : error}.`;
    if (error instanceof DTypeMismatchError) throw new DTypeMismatchError(message, { operator: definition.name });
    if (error instanceof UnsupportedDTypeError) throw new UnsupportedDTypeError(message, { operator: definition.name });
    throw naming(definition, error);
  }
}

/** Shape and dtype of what `definition` makes of `inputs`. @throws InvalidArgumentError for a wrong number of them. */
export function inferOutput(
  definition: OperatorDefinition,
  inputs: readonly NDArray[],
  attributes: Attributes,
): { readonly shape: Shape; readonly dtype: DType } {
  assertInputCount(definition, inputs.length);
  const shapes = { inputs: inputs.map((input) => input.shape), output: null };
  const { output: shape } = inferShapes(definition, shapes, attributes);
  const dtypes = { inputs: inputs.map((input) => input.dtype), output: null };
  const { output: dtype } = inferDTypes(definition, dtypes, attributes);
  if (isComplete(shape) && dtype) return { shape, dtype };
  throw new InvalidArgumentError(`${definition.name} lacks attributes that say what its result is.`);
}

export function assertInputCount({ name, inputs, required = inputs.length }: OperatorDefinition, count: number): void {
  const fits = inputs.length === 0 ? count > 0 : count >= required && count <= inputs.length;
  if (fits) return;
  const expected = inputs.length === 0 ? 'at least one array' : `${inputs.join(', ')}`;
  throw new InvalidArgumentError(`${name} takes ${expected}, got ${count} arrays.`);
}

function naming({ name }: OperatorDefinition, error: unknown): unknown {
  return error instanceof InvalidArgumentError
    ? new InvalidArgumentError(`${name}: ${error.message}`, error.details)
    : error;
}
