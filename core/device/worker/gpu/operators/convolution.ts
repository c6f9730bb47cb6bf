import type { Shape } from '../../../../ndarray/shape.ts';
import { numberOf } from '../../../attributes.ts';
import type { Attributes } from '../../../protocol.ts';
import { lastTwo, windowGeometry } from '../../operators/window.ts';
import type { GpuArray } from '../gpu-array.ts';
import { registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import type { Parameters } from '../program.ts';
import { TWO_SUM } from '../shaders/arithmetic.ts';
import { WINDOW, windowParameters } from './window-code.ts';

/**
 * Convolution over two axes, each element of a result gathered by itself. Data is (batch, channel,
 * height, width), weight (out, in / groups, height, width). TensorFlow.js has no gradients of dilated or
 * grouped convolutions.
 */

const SUM_BEGIN = `  var total: f32 = 0.0;
  var lost: f32 = 0.0;
  var next: f32 = 0.0;`;
const SUM_STEP = `lost = lost + sumError(total, next);
      total = total + next;`;

/** Filter f of group g meets channels g * channels() and on. */
const FORWARD = `fn element(index: i32) -> f32 {
  let positions: i32 = gridY() * gridX();
  let grid: i32 = index % positions;
  let unit: i32 = (index / positions) % (filters() * groups());
  let example: i32 = index / (positions * filters() * groups());
  let channel: i32 = example * channels() * groups() + (unit / filters()) * channels();
  let window: i32 = kernelY() * kernelX();
${SUM_BEGIN}
  for (var k: i32 = 0; k < window; k = k + 1) {
    let at: i32 = imageOf(k, grid);
    if (at >= 0) {
      for (var c: i32 = 0; c < channels(); c = c + 1) {
        next = fetchA((channel + c) * imageY() * imageX() + at) * fetchB((unit * channels() + c) * window + k);
        ${SUM_STEP}
      }
    }
  }
  return store(withError(total, lost));
}`;

const BACKWARD_DATA = `fn element(index: i32) -> f32 {
  let plane: i32 = imageY() * imageX();
  let image: i32 = index % plane;
  let channel: i32 = (index / plane) % (channels() * groups());
  let example: i32 = index / (plane * channels() * groups());
  let first: i32 = (channel / channels()) * filters();
  let window: i32 = kernelY() * kernelX();
  let positions: i32 = gridY() * gridX();
${SUM_BEGIN}
  for (var k: i32 = 0; k < window; k = k + 1) {
    let at: i32 = gridOf(k, image);
    if (at >= 0) {
      for (var f: i32 = first; f < first + filters(); f = f + 1) {
        next = fetchA((example * filters() * groups() + f) * positions + at) * fetchB((f * channels() + channel % channels()) * window + k);
        ${SUM_STEP}
      }
    }
  }
  return store(withError(total, lost));
}`;

const BACKWARD_WEIGHT = `fn element(index: i32) -> f32 {
  let window: i32 = kernelY() * kernelX();
  let k: i32 = index % window;
  let unit: i32 = index / (window * channels());
  let channel: i32 = (unit / filters()) * channels() + (index / window) % channels();
  let positions: i32 = gridY() * gridX();
${SUM_BEGIN}
  for (var example: i32 = 0; example < batch(); example = example + 1) {
    let heads: i32 = (example * filters() * groups() + unit) * positions;
    let plane: i32 = (example * channels() * groups() + channel) * imageY() * imageX();
    for (var grid: i32 = 0; grid < positions; grid = grid + 1) {
      let at: i32 = imageOf(k, grid);
      if (at >= 0) {
        next = fetchA(heads + grid) * fetchB(plane + at);
        ${SUM_STEP}
      }
    }
  }
  return store(withError(total, lost));
}`;

registerGpuKernel('convolution_unbiased', {
  run: ({ inputs: [data, weight], outputs: [output], attributes }) => {
    if (!data || !weight || !output) return;
    const parameters = parametersOf(attributes, { data: data.shape, weight: weight.shape, output: output.shape });
    convolve('convolution', [data, weight], { output, parameters, code: FORWARD });
  },
});

/** Inputs: the gradient of the output, and weight. Output: the gradient of data. */
registerGpuKernel('convolution_backward_data', {
  run: ({ inputs: [head, weight], outputs: [output], attributes }) => {
    if (!head || !weight || !output) return;
    const parameters = parametersOf(attributes, { data: output.shape, weight: weight.shape, output: head.shape });
    convolve('convolutionBackwardData', [head, weight], { output, parameters, code: BACKWARD_DATA });
  },
});

/** Inputs: the gradient of the output, and data. Output: the gradient of weight. */
registerGpuKernel('convolution_backward_weight', {
  run: ({ inputs: [head, data], outputs: [output], attributes }) => {
    if (!head || !data || !output) return;
    const parameters = parametersOf(attributes, { data: data.shape, weight: output.shape, output: head.shape });
    convolve('convolutionBackwardWeight', [head, data], { output, parameters, code: BACKWARD_WEIGHT });
  },
});

function convolve(
  name: string,
  inputs: readonly GpuArray[],
  { output, parameters, code }: { readonly output: GpuArray; readonly parameters: Parameters; readonly code: string },
): void {
  launch(output, { name, inputs, integers: parameters, code: [TWO_SUM, WINDOW, code] });
}

function parametersOf(
  attributes: Attributes,
  { data, weight, output }: { readonly data: Shape; readonly weight: Shape; readonly output: Shape },
): Parameters {
  const groups = numberOf(attributes, 'numGroup', 1);
  const [filters = 1, channels = 1] = weight;
  const sizes = { kernel: lastTwo(weight), image: lastTwo(data), grid: lastTwo(output) };
  return {
    ...windowParameters(windowGeometry(attributes, sizes)),
    batch: data[0] ?? 0,
    groups,
    channels,
    filters: filters / groups,
  };
}
