import { InvalidArgumentError, InvalidStateError } from '../../../errors.ts';
import type { Attributes } from '../../protocol.ts';
import type { DeviceArray } from '../device-array.ts';

/**
 * Writes every element of `outputs` from `inputs`, or changes outputs in place. The main side has
 * inferred and checked shapes and dtypes. Runs within a TensorFlow.js tidy: tensors that it makes are
 * freed after it, so results are copied into the outputs. An output may be one of the inputs where
 * the caller asked for a change in place.
 */
export type Kernel = (inputs: readonly DeviceArray[], attributes: Attributes, outputs: readonly DeviceArray[]) => void;

const kernels = new Map<string, Kernel>();

/** `name` in snake_case, as MXNet names its operators. @throws InvalidStateError where it is taken. */
export function registerKernel(name: string, kernel: Kernel): void {
  if (kernels.has(name)) throw new InvalidStateError(`There already is a kernel called ${name}.`);
  kernels.set(name, kernel);
}

/** @throws InvalidArgumentError for an unknown name. */
export function kernelOf(name: string): Kernel {
  const kernel = kernels.get(name);
  if (!kernel) throw new InvalidArgumentError(`The device has no operator called ${JSON.stringify(name)}.`);
  return kernel;
}
