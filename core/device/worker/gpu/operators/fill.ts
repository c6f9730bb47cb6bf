import { scalarOf } from '../../../attributes.ts';
import { type GpuCall, registerGpuKernel } from '../kernels.ts';
import { fill } from './scalar.ts';

for (const name of ['full', 'scalar_like']) {
  registerGpuKernel(name, {
    accepts: hasNativeOutputs,
    run: ({ outputs, attributes }) => {
      for (const output of outputs) fill(output, scalarOf(attributes, 'value'));
    },
  });
}

registerGpuKernel('ones_like', {
  accepts: hasNativeOutputs,
  run: ({ outputs }) => {
    for (const output of outputs) fill(output, 1);
  },
});

registerGpuKernel('zeros_like', {
  accepts: () => true,
  run: () => {
    // New arrays are zeros.
  },
});

function hasNativeOutputs({ outputs }: GpuCall): boolean {
  return outputs.every(({ isNative }) => isNative);
}
