import { DTypeMismatchError } from '../../errors.ts';
import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import type { DTypeKnowledge } from './registry.ts';

/**
 * Rules of dtype inference. Arrays of one operator share their dtype, as in MXNet: nothing is promoted
 * silently. Numbers take the dtype of the array beside them.
 */

function commonDType(dtypes: readonly (DType | null)[]): DType | null {
  let common: DType | null = null;
  for (const dtype of dtypes) {
    if (dtype && common && dtype !== common) {
      throw new DTypeMismatchError(`${common} and ${dtype} differ: cast one of them with asType`);
    }
    common ??= dtype;
  }
  return common;
}

/** All inputs and the output have one dtype. */
export function sameDType({ inputs, output }: DTypeKnowledge): DTypeKnowledge {
  const dtype = commonDType([...inputs, output]);
  return { inputs: inputs.map(() => dtype), output: dtype };
}

/** As `sameDType`, for numbers only: bool has no arithmetic. */
export function numericDType(known: DTypeKnowledge): DTypeKnowledge {
  const result = sameDType(known);
  if (result.output === 'bool') throw new DTypeMismatchError('bool has no arithmetic: cast it with asType');
  return result;
}

/** Inputs share a dtype; integers and bool give float32, as MXNet's default dtype, others their own. */
export function floatDType({ inputs }: DTypeKnowledge): DTypeKnowledge {
  const dtype = commonDType(inputs);
  return { inputs: inputs.map(() => dtype), output: dtype && floatOf(dtype) };
}

/** As `floatDType`, but complex numbers have none of these functions. */
export function realFloatDType(known: DTypeKnowledge): DTypeKnowledge {
  const result = floatDType(known);
  if (result.output) assertReal(result.output);
  return result;
}

/** As `numericDType` without complex numbers, which have no order. */
export function realDType(known: DTypeKnowledge): DTypeKnowledge {
  const result = numericDType(known);
  if (result.output) assertReal(result.output);
  return result;
}

/** Inputs share a dtype, the output is bool. */
export function boolDType({ inputs }: DTypeKnowledge): DTypeKnowledge {
  const dtype = commonDType(inputs);
  return { inputs: inputs.map(() => dtype), output: 'bool' };
}

/** As `boolDType` without complex numbers, which have no order. */
export function comparableDType(known: DTypeKnowledge): DTypeKnowledge {
  const result = boolDType(known);
  for (const dtype of result.inputs) if (dtype) assertReal(dtype);
  return result;
}

/** Real floating point in and out: what neural layers compute with. */
export function layerDType(known: DTypeKnowledge): DTypeKnowledge {
  const result = sameDType(known);
  if (result.output && dtypeInfo(result.output).kind !== 'float') {
    throw new DTypeMismatchError(`${result.output} is no floating point dtype: cast it with asType`);
  }
  return result;
}

export function isFloat(dtype: DType): boolean {
  return dtypeInfo(dtype).kind === 'float' || dtypeInfo(dtype).kind === 'complex';
}

function floatOf(dtype: DType): DType {
  return isFloat(dtype) ? dtype : 'float32';
}

function assertReal(dtype: DType): void {
  if (dtypeInfo(dtype).kind === 'complex') throw new DTypeMismatchError(`this is not defined for ${dtype}`);
}
