import { writeNumbers } from '../../convert.ts';
import { DeviceArray } from '../../device-array.ts';
import { registerGpuKernel } from '../kernels.ts';
import { rootOfSquares } from '../norm.ts';

/** The L2 norm of the difference of two arrays; sums of blocks are added in float64. */
registerGpuKernel('l2_distance', {
  // Differences of int32 need more bits than programs have.
  accepts: ({ inputs }) => inputs.every((array) => array.isNative && array.dtype !== 'int32'),
  run: async ({ inputs, outputs: [output] }) => {
    if (!output) return;
    const distance = await rootOfSquares(inputs);
    const result = new DeviceArray(output.dtype, output.shape);
    writeNumbers(result, 0, Float64Array.of(distance));
    output.adopt(result);
  },
});
