import { BLOCK, writeNumbers } from '../convert.ts';
import { registerKernel } from './registry.ts';

/** The upsampling kernel of the last two of four axes, the same for every pair of the first two. */
registerKernel('bilinear', (_inputs, _attributes, outputs) => {
  for (const output of outputs) {
    const [, , height = 1, width = 1] = output.shape;
    const factor = Math.ceil(width / 2);
    const center = (2 * factor - 1 - (factor % 2)) / (2 * factor);
    const numbers = new Float64Array(Math.min(BLOCK, output.size));
    for (let start = 0; start < output.size; start += BLOCK) {
      const block = numbers.subarray(0, Math.min(BLOCK, output.size - start));
      for (let i = 0; i < block.length; i++) {
        const x = (start + i) % width;
        const y = Math.floor((start + i) / width) % height;
        block[i] = Math.fround((1 - Math.abs(x / factor - center)) * (1 - Math.abs(y / factor - center)));
      }
      writeNumbers(output, start, block);
    }
  }
});
