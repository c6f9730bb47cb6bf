import { booleanOf, stringOf } from '../../../attributes.ts';
import type { Attributes } from '../../../protocol.ts';
import { lastTwo, pair, type WindowGeometry, windowGeometry } from '../../operators/window.ts';
import type { GpuArray } from '../gpu-array.ts';
import { registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import { IS_NAN, TWO_SUM } from '../shaders/arithmetic.ts';
import { WINDOW, windowParameters } from './window-code.ts';

/** Max and average pooling over the last two axes, after MXNet's Pooling with its 'valid' convention. */

/** Padding counts in an average, and is no candidate for a maximum. */
const POOL = (step: string, begin: string, result: string) => `fn element(index: i32) -> f32 {
  let positions: i32 = gridY() * gridX();
  let plane: i32 = (index / positions) * imageY() * imageX();
  let window: i32 = kernelY() * kernelX();
  var total: f32 = ${begin};
  var lost: f32 = 0.0;
  for (var k: i32 = 0; k < window; k = k + 1) {
    let at: i32 = imageOf(k, index % positions);
    if (at >= 0) {
      let value: f32 = fetchA(plane + at);
      ${step}
    }
  }
  return store(${result});
}`;

const SUM_STEP = `lost = lost + sumError(total, value);
      total = total + value;`;

/** Inputs: the gradient of the output, data and output. */
const UNPOOL = (share: string) => `fn element(index: i32) -> f32 {
  let plane: i32 = imageY() * imageX();
  let positions: i32 = gridY() * gridX();
  let image: i32 = index - index % plane;
  let grids: i32 = (index / plane) * positions;
  let window: i32 = kernelY() * kernelX();
  var total: f32 = 0.0;
  var lost: f32 = 0.0;
  for (var k: i32 = 0; k < window; k = k + 1) {
    let at: i32 = gridOf(k, index % plane);
    if (at >= 0) {
      ${share}
      ${SUM_STEP}
    }
  }
  return store(withError(total, lost));
}`;

/** The gradient of a maximum goes to the first of equal elements. */
const TO_FIRST = `let maximum: f32 = fetchC(grids + at);
      var isFirst: bool = fetchB(index) == maximum;
      for (var before: i32 = 0; before < k; before = before + 1) {
        let other: i32 = imageOf(before, at);
        if (other >= 0) {
          if (fetchB(image + other) == maximum) { isFirst = false; }
        }
      }
      let value: f32 = select(0.0, fetchA(grids + at), isFirst);`;

registerGpuKernel('pooling', {
  run: ({ inputs: [data], outputs: [output], attributes }) => {
    if (!data || !output) return;
    const geometry = geometryOf(attributes, data, output);
    const isAverage = averages(attributes);
    const larger = 'if (value > total || isNotNumber(value)) { total = value; }';
    const code = isAverage
      ? POOL(SUM_STEP, '0.0', 'withError(total, lost) * share()')
      : POOL(larger, '-infinity()', 'total');
    runPooling(output, [data], { geometry, name: isAverage ? 'average' : 'maximum', code });
  },
});

registerGpuKernel('pooling_backward', {
  run: ({ inputs: [head, data, result], outputs: [output], attributes }) => {
    if (!head || !data || !result || !output) return;
    const geometry = geometryOf(attributes, data, head);
    const isAverage = averages(attributes);
    const code = UNPOOL(isAverage ? 'let value: f32 = fetchA(grids + at) * share();' : TO_FIRST);
    runPooling(output, [head, data, result], { geometry, name: isAverage ? 'unaverage' : 'unmaximum', code });
  },
});

function runPooling(
  output: GpuArray,
  inputs: readonly GpuArray[],
  { geometry, name, code }: { readonly geometry: WindowGeometry; readonly name: string; readonly code: string },
): void {
  const [height, width] = geometry.kernel;
  launch(output, {
    name,
    inputs,
    integers: windowParameters(geometry),
    floats: { share: 1 / (height * width) },
    code: [IS_NAN, TWO_SUM, WINDOW, code],
  });
}

function averages(attributes: Attributes): boolean {
  return stringOf(attributes, 'poolType', 'max') === 'avg';
}

function geometryOf(attributes: Attributes, data: GpuArray, grid: GpuArray): WindowGeometry {
  const image = lastTwo(data.shape);
  const global = booleanOf(attributes, 'globalPool', false);
  const kernel = global ? image : pair(attributes, 'kernel', 1);
  return windowGeometry(global ? {} : attributes, { kernel, image, grid: lastTwo(grid.shape) });
}
