import { convert } from '../../convert.ts';
import { DeviceArray } from '../../device-array.ts';
import { realsOf } from '../../operators/results.ts';
import { GpuArray } from '../gpu-array.ts';
import type { GpuDevice } from '../gpu-device.ts';

/** The indices in an array of any dtype, cut to integers, in the worker's memory. */
export async function readPositions(indices: GpuArray): Promise<Float64Array> {
  const elements = await indices.readAll();
  const positions = Float64Array.from(realsOf(elements), Math.trunc);
  elements.dispose();
  return positions;
}

/** Lists of integers as arrays of the device: int32, or float32 where the device has no integers (exact to 2^24). */
export function withPositions(
  device: GpuDevice,
  lists: readonly Float64Array[],
  use: (arrays: readonly GpuArray[]) => void,
): void {
  const dtype = device.holds('int32') ? 'int32' : 'float32';
  const arrays = lists.map((list) => {
    const elements = new DeviceArray('float64', [list.length]);
    if (elements.elements.kind === 'numbers') elements.elements.values.set(list);
    const positions = new DeviceArray(dtype, [list.length]);
    convert(elements, positions);
    elements.dispose();
    const array = new GpuArray(device, dtype, [list.length]);
    array.adopt(positions);
    return array;
  });
  try {
    use(arrays);
  } finally {
    for (const array of arrays) array.dispose();
  }
}
