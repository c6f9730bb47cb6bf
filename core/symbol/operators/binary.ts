import { booleanOf, scalarOf } from '../../device/attributes.ts';
import type { NDArray } from '../../device/nd-array.ts';
import type { Attributes } from '../../device/protocol.ts';
import { DTypeMismatchError } from '../../errors.ts';
import { dtypeInfo } from '../../ndarray/dtype.ts';
import { applyOperator } from '../apply.ts';
import { boolDType, comparableDType, floatDType, numericDType, realDType } from './dtypes.ts';
import { masked, sumTo } from './gradients.ts';
import { type DTypeKnowledge, defineOperator, type GradientContext } from './registry.ts';
import { broadcastShape } from './shapes.ts';

/**
 * Operators of two arrays that broadcast as NumPy, or of one and the attribute `scalar` (`scalarFirst`
 * for the left side), which takes the array's dtype.
 */

interface BinaryDefinition {
  readonly dtype: (known: DTypeKnowledge) => DTypeKnowledge;
  /** The gradients of both sides, before they are summed to their shapes. */
  readonly gradient?: (sides: Sides) => readonly [() => NDArray, () => NDArray];
  /** True where the gradient looks at `left` or `right`. */
  readonly looks?: boolean;
}

interface Sides {
  readonly head: NDArray;
  left(): NDArray;
  right(): NDArray;
}

const DEFINITIONS: Readonly<Record<string, BinaryDefinition>> = {
  add: { dtype: numericDType, gradient: ({ head }) => [() => head, () => head] },
  sub: { dtype: numericDType, gradient: ({ head }) => [() => head, () => head.neg()] },
  mul: {
    dtype: numericDType,
    looks: true,
    gradient: ({ head, left, right }) => [() => head.mul(right()), () => head.mul(left())],
  },
  div: {
    dtype: (known) => floatDType(numericDType({ inputs: known.inputs, output: null })),
    looks: true,
    gradient: ({ head, left, right }) => [
      () => head.div(right()),
      () => head.mul(left()).div(right().mul(right())).neg(),
    ],
  },
  power: {
    dtype: realDType,
    looks: true,
    gradient: ({ head, left, right }) => [
      () => head.mul(right()).mul(left().power(right().sub(1))),
      () => head.mul(left().power(right())).mul(left().log()),
    ],
  },
  maximum: {
    dtype: realDType,
    looks: true,
    gradient: ({ head, left, right }) => split(head, () => left().greaterEqual(right())),
  },
  minimum: {
    dtype: realDType,
    looks: true,
    gradient: ({ head, left, right }) => split(head, () => left().lessEqual(right())),
  },
  equal: { dtype: boolDType },
  not_equal: { dtype: boolDType },
  less: { dtype: comparableDType },
  less_equal: { dtype: comparableDType },
  greater: { dtype: comparableDType },
  greater_equal: { dtype: comparableDType },
};

for (const [name, { dtype, looks = false, gradient }] of Object.entries(DEFINITIONS)) {
  defineOperator({
    name,
    inputs: ['lhs', 'rhs'],
    required: 1,
    inferShape: broadcastShape,
    inferDType: (known, attributes) => {
      if (known.inputs.length === 1) assertScalarFits(known, attributes);
      return dtype(known);
    },
    saves: looks ? 'inputs' : 'nothing',
    ...(gradient && { gradient: (context: GradientContext) => gradientsOf(context, gradient) }),
  });
}

function gradientsOf(
  context: GradientContext,
  gradient: NonNullable<BinaryDefinition['gradient']>,
): (NDArray | null)[] {
  const { attributes, head, inputCount } = context;
  const isScalar = inputCount === 1;
  const array = isScalar && booleanOf(attributes, 'scalarFirst', false) ? 1 : 0;
  const side = (index: number): NDArray =>
    isScalar && index !== array ? scalarLike(context) : context.input(isScalar ? 0 : index);
  const gradients = gradient({ head, left: () => side(0), right: () => side(1) });
  const inputs = isScalar ? [gradients[array]] : gradients;
  return inputs.map((make, index) => (context.needs(index) ? sumTo(make(), context.inputShape(index)) : null));
}

function scalarLike({ attributes, input }: GradientContext): NDArray {
  return applyOperator('scalar_like', [input(0)], { value: scalarOf(attributes, 'scalar') });
}

/** To the left side where it was chosen, to the right elsewhere. */
function split(head: NDArray, isLeft: () => NDArray): readonly [() => NDArray, () => NDArray] {
  return [() => masked(isLeft(), head), () => masked(isLeft().equal(0), head)];
}

/** @throws DTypeMismatchError for a number that the array's integers do not have. */
function assertScalarFits({ inputs: [dtype] }: DTypeKnowledge, attributes: Attributes): void {
  const scalar = scalarOf(attributes, 'scalar');
  if (!dtype) return;
  const { kind, bits } = dtypeInfo(dtype);
  if (kind === 'float' || kind === 'complex') return;
  const [low, high] =
    kind === 'int' ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n];
  const isWhole = typeof scalar === 'bigint' || Number.isInteger(scalar);
  if (isWhole && scalar >= low && scalar <= (dtype === 'bool' ? 1n : high)) return;
  throw new DTypeMismatchError(`${scalar} is no number that ${dtype} has: cast the array with asType`);
}
