import type { NDArray } from '../../device/nd-array.ts';
import type { Attributes } from '../../device/protocol.ts';
import { InvalidArgumentError, InvalidStateError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';

/** A shape with -1 for sizes that are not known yet; null where not even the rank is. */
export type PartialShape = Shape | null;

/** What is known of an operator's shapes: a rule returns the same with more of it known. */
export interface ShapeKnowledge {
  readonly inputs: readonly PartialShape[];
  readonly output: PartialShape;
}

/** As `ShapeKnowledge`; null where the dtype is not known yet. */
export interface DTypeKnowledge {
  readonly inputs: readonly (DType | null)[];
  readonly output: DType | null;
}

/** What a gradient function works from: only what the definition's `saves` names is at hand. */
export interface GradientContext {
  readonly attributes: Attributes;
  /** The gradient of the output. */
  readonly head: NDArray;
  readonly inputCount: number;
  /** False where nobody asks for the gradient of this input. */
  needs(index: number): boolean;
  input(index: number): NDArray;
  output(): NDArray;
  inputShape(index: number): Shape;
  inputDType(index: number): DType;
}

export type SavedValues = 'nothing' | 'inputs' | 'output' | 'both';

/** One operator with one output: what it takes, what it makes, and how its gradient is made of other operators. */
export interface OperatorDefinition {
  /** In snake_case, as MXNet names its operators; also the name of the kernel. */
  readonly name: string;
  /** Names of the inputs in order, by which a Symbol names missing ones; an empty list takes any number. */
  readonly inputs: readonly string[];
  /** How many of `inputs` must be there; by default all. */
  readonly required?: number;
  /** @throws ShapeMismatchError with the reason only: callers add the operator and all shapes. */
  inferShape(known: ShapeKnowledge, attributes: Attributes): ShapeKnowledge;
  /** @throws DTypeMismatchError, UnsupportedDTypeError with the reason only. */
  inferDType(known: DTypeKnowledge, attributes: Attributes): DTypeKnowledge;
  /** What the kernel is told where that is more than the caller said: axes counted from 0, say. */
  kernelAttributes?(attributes: Attributes, inputs: readonly Shape[]): Attributes;
  /**
   * How it is made where there is no kernel of its name: of other operators. They are recorded one by
   * one where the definition has no `gradient`.
   */
  compose?(inputs: readonly NDArray[], attributes: Attributes): NDArray;
  /** What `gradient` looks at; by default nothing but shapes. */
  readonly saves?: SavedValues;
  /** One gradient per input, null for none. Absent from a kernel: nothing flows back through it. */
  gradient?(context: GradientContext): readonly (NDArray | null)[];
}

const definitions = new Map<string, OperatorDefinition>();

/** @throws InvalidStateError where the name is taken. */
export function defineOperator(definition: OperatorDefinition): void {
  if (definitions.has(definition.name)) {
    throw new InvalidStateError(`There already is an operator called ${definition.name}.`);
  }
  definitions.set(definition.name, definition);
}

/** @throws InvalidArgumentError for an unknown name. */
export function operatorOf(name: string): OperatorDefinition {
  const definition = definitions.get(name);
  if (!definition) throw new InvalidArgumentError(`There is no operator called ${JSON.stringify(name)}.`);
  return definition;
}

export function operatorNames(): readonly string[] {
  return [...definitions.keys()];
}
