import { numberOf, scalarOf, stringOf } from '../../device/attributes.ts';
import { Device } from '../../device/device.ts';
import type { NDArray } from '../../device/nd-array.ts';
import type { Attributes } from '../../device/protocol.ts';
import { DTypeMismatchError, InvalidArgumentError } from '../../errors.ts';
import { type DType, isDType } from '../../ndarray/dtype.ts';
import { numericDType, realDType, realFloatDType, sameDType } from './dtypes.ts';
import { masked } from './gradients.ts';
import { type DTypeKnowledge, defineOperator, type GradientContext, type SavedValues } from './registry.ts';
import { sameShape } from './shapes.ts';

/** Operators of each element by itself. */

interface UnaryDefinition {
  readonly dtype: (known: DTypeKnowledge) => DTypeKnowledge;
  readonly saves?: SavedValues;
  readonly gradient?: (context: GradientContext) => NDArray;
}

const DEFINITIONS: Readonly<Record<string, UnaryDefinition>> = {
  identity: { dtype: sameDType, gradient: ({ head }) => head },
  neg: { dtype: numericDType, gradient: ({ head }) => head.neg() },
  square: { dtype: realDType, saves: 'inputs', gradient: ({ head, input }) => head.mul(input(0)).mul(2) },
  sqrt: { dtype: realFloatDType, saves: 'output', gradient: ({ head, output }) => head.div(output().mul(2)) },
  exp: { dtype: realFloatDType, saves: 'output', gradient: ({ head, output }) => head.mul(output()) },
  log: { dtype: realFloatDType, saves: 'inputs', gradient: ({ head, input }) => head.div(input(0)) },
  abs: { dtype: realDType, saves: 'inputs', gradient: ({ head, input }) => head.mul(input(0).sign()) },
  sign: { dtype: realDType },
  relu: { dtype: realDType, saves: 'output', gradient: ({ head, output }) => masked(output().greater(0), head) },
  sigmoid: {
    dtype: realFloatDType,
    saves: 'output',
    gradient: ({ head, output }) => head.mul(output()).mul(output().rsub(1)),
  },
  tanh: {
    dtype: realFloatDType,
    saves: 'output',
    gradient: ({ head, output }) => head.mul(output().square().rsub(1)),
  },
  softrelu: { dtype: realFloatDType, saves: 'inputs', gradient: ({ head, input }) => head.mul(input(0).sigmoid()) },
  softsign: {
    dtype: realFloatDType,
    saves: 'inputs',
    gradient: ({ head, input }) => head.div(input(0).abs().add(1).square()),
  },
  ones_like: { dtype: sameDType },
  zeros_like: { dtype: sameDType },
  clip: {
    dtype: realDType,
    saves: 'inputs',
    gradient: ({ head, input, attributes }) => {
      const inside = masked(input(0).greaterEqual(numberOf(attributes, 'low')), head);
      return masked(input(0).lessEqual(numberOf(attributes, 'high')), inside);
    },
  },
};

for (const [name, { dtype, saves = 'nothing', gradient }] of Object.entries(DEFINITIONS)) {
  defineOperator({
    name,
    inputs: ['data'],
    inferShape: sameShape,
    inferDType: dtype,
    saves,
    ...(gradient && { gradient: (context: GradientContext) => [gradient(context)] }),
  });
}

/** A scalar with the dtype of the input: the attribute `value`. */
defineOperator({
  name: 'scalar_like',
  inputs: ['data'],
  inferShape: ({ inputs }, attributes) => {
    scalarOf(attributes, 'value');
    return { inputs, output: [] };
  },
  inferDType: sameDType,
});

/** The attribute `dtype`; the gradient is cast back. */
defineOperator({
  name: 'cast',
  inputs: ['data'],
  inferShape: sameShape,
  inferDType: ({ inputs }, attributes) => ({ inputs, output: dtypeOf(attributes) }),
  compose: ([data], attributes) => present(data).runtime.cast(present(data), dtypeOf(attributes), present(data).device),
  gradient: ({ head, inputDType }) => [head.asType(inputDType(0))],
});

/** To the device of the attributes `type` and `id`; the gradient goes back to `fromType` and `fromId`. */
defineOperator({
  name: 'copy_to',
  inputs: ['data'],
  inferShape: sameShape,
  inferDType: sameDType,
  compose: ([data], attributes) => {
    const device = deviceOf(attributes, 'type', 'id');
    return present(data).runtime.cast(present(data), present(data).dtype, device);
  },
  gradient: ({ head, attributes }) => [head.copyTo(deviceOf(attributes, 'fromType', 'fromId'))],
});

function dtypeOf(attributes: Attributes): DType {
  const name = stringOf(attributes, 'dtype');
  if (isDType(name)) return name;
  throw new DTypeMismatchError(`there is no dtype called ${JSON.stringify(name)}`);
}

function deviceOf(attributes: Attributes, type: string, id: string): Device {
  const name = stringOf(attributes, type);
  if (name === 'cpu' || name === 'gpu') return new Device(name, numberOf(attributes, id));
  throw new InvalidArgumentError(`There is no device type ${JSON.stringify(name)}.`);
}

function present(array: NDArray | undefined): NDArray {
  if (array) return array;
  throw new InvalidArgumentError('An array is missing.');
}
