import { numberOf } from '../../../attributes.ts';
import { broadcastStrides } from '../../operators/broadcasting.ts';
import { take } from '../cast.ts';
import { GpuArray } from '../gpu-array.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import { gather } from './layout.ts';

/** The input, cast to the output's dtype, over the elements of the output from `offset` on. */
registerGpuKernel('assign_range', {
  run: async ({ inputs: [input], outputs: [output], attributes }) => {
    if (!input || !output) return;
    await withCast(input, output, (source) => {
      launch(output, {
        name: 'assignRange',
        inputs: [source, output],
        integers: { start: numberOf(attributes, 'offset'), count: source.size },
        code: [
          `fn element(index: i32) -> ${elementTypeOf(output.dtype)} {
  let at: i32 = index - start();
  if (at < 0 || at >= count()) { return fetchB(index); }
  return fetchA(at);
}`,
        ],
      });
    });
  },
});

/** The input, cast to the output's dtype and repeated along axes of size 1 and missing leading axes. */
registerGpuKernel('assign_broadcast', {
  run: async ({ inputs: [input], outputs: [output] }) => {
    if (!input || !output) return;
    await withCast(input, output, (source) => {
      gather(source, output, { start: 0, steps: broadcastStrides(source.shape, output.shape) });
    });
  },
});

async function withCast(input: GpuArray, output: GpuArray, use: (source: GpuArray) => void): Promise<void> {
  const source = new GpuArray(output.device, output.dtype, input.shape);
  try {
    await take(input, source);
    use(source);
  } finally {
    source.dispose();
  }
}
