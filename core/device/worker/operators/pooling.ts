import { elementCount } from '../../../ndarray/shape.ts';
import { booleanOf, stringOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import type { DeviceArray } from '../device-array.ts';
import { registerKernel } from './registry.ts';
import { numbersOf, settle } from './results.ts';
import { lastTwo, pair, type WindowGeometry, walkWindows, windowGeometry } from './window.ts';

/** Max and average pooling over the last two axes, after MXNet's Pooling with its 'valid' convention. */

registerKernel('pooling', ([data], attributes, [output]) => {
  if (!data || !output) return;
  const [source, values] = [numbersOf(data), numbersOf(output)];
  const geometry = geometryOf(attributes, data, output);
  const share = shareOf(attributes, geometry);
  if (!share) values.fill(-Infinity);
  forEachPlane(output, geometry, (o, i) => {
    const value = source[i] ?? 0;
    values[o] = share ? (values[o] ?? 0) + value * share : Math.max(values[o] ?? 0, value);
  });
  settle(output);
});

/** Inputs: the gradient of the output, data and output. Output: the gradient of data. */
registerKernel('pooling_backward', ([head, data, result], attributes, [output]) => {
  if (!head || !data || !result || !output) return;
  const [gradient, source, maxima, values] = [numbersOf(head), numbersOf(data), numbersOf(result), numbersOf(output)];
  const geometry = geometryOf(attributes, data, head);
  const share = shareOf(attributes, geometry);
  // The gradient of a maximum goes to the first of equal elements.
  const given = new Uint8Array(gradient.length);
  forEachPlane(head, geometry, (o, i) => {
    if (!share && (given[o] === 1 || source[i] !== maxima[o])) return;
    given[o] = 1;
    values[i] = (values[i] ?? 0) + (gradient[o] ?? 0) * (share ?? 1);
  });
  settle(output);
});

function geometryOf(attributes: Attributes, data: DeviceArray, grid: DeviceArray): WindowGeometry {
  const image = lastTwo(data.shape);
  const global = booleanOf(attributes, 'globalPool', false);
  const kernel = global ? image : pair(attributes, 'kernel', 1);
  const moves = global ? {} : attributes;
  return windowGeometry(moves, { kernel, image, grid: lastTwo(grid.shape) });
}

/** What each element of a window counts in an average, padding included as in MXNet; null for maxima. */
function shareOf(attributes: Attributes, { kernel }: WindowGeometry): number | null {
  return stringOf(attributes, 'poolType', 'max') === 'avg' ? 1 / (kernel[0] * kernel[1]) : null;
}

function forEachPlane(
  grid: DeviceArray,
  geometry: WindowGeometry,
  visit: (output: number, input: number) => void,
): void {
  const plane = elementCount(geometry.image);
  const positions = elementCount(geometry.grid);
  const planes = grid.size / Math.max(1, positions);
  for (let index = 0; index < planes; index++) {
    walkWindows(geometry, (_kernel, position, at) => {
      visit(index * positions + position, index * plane + at);
    });
  }
}
