import { cpu } from '../device/device.ts';
import { array } from '../device/nd.ts';
import { NDArray, type TypedArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { InvalidArgumentError } from '../errors.ts';
import { arrayOfNested, isNestedNumbers, type NestedNumbers } from '../initializer/nested-numbers.ts';
import type { LazySource } from './lazy-source.ts';

/** What a Parameter takes as its value: an array, numbers in lists of one length on each level, a typed array for a vector, or a source to be read. */
export type ParameterData = NDArray | NestedNumbers | TypedArray | LazySource;

/**
 * Numbers become an array on cpu(0), exactly: float64, or int64 where there is a bigint; a typed array keeps its dtype.
 *
 * @throws InvalidArgumentError for anything that is no value (P-166), and for lists of several lengths.
 */
export function asValue(name: string, data: ParameterData, runtime: DeviceRuntime): NDArray | LazySource {
  if (data instanceof NDArray) return data;
  if (ArrayBuffer.isView(data)) return array(data, { runtime, device: cpu() });
  if (isNestedNumbers(data)) return arrayOfNested(data, { runtime, device: cpu() });
  if (typeof data === 'object' && data !== null && 'chunks' in data) return data;
  throw new InvalidArgumentError(
    `The value of Parameter '${name}' must be an NDArray, numbers in nested lists, or a source, got ${data === null ? 'null' : typeof data}.`,
  );
}
