import { UnsupportedDTypeError } from '../../../errors.ts';
import type { Shape } from '../../../ndarray/shape.ts';
import { numberOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import type { DeviceArray } from '../device-array.ts';
import { tf } from '../tensorflow.ts';
import { type Floats, multiplyMatrices } from './matrix.ts';
import { registerKernel } from './registry.ts';
import { numbersOf, settle } from './results.ts';
import { lastTwo, type WindowGeometry, walkWindows, windowGeometry } from './window.ts';

/**
 * Convolution over two axes as matrix products of unrolled patches (im2col; Chellapilla et al. 2006),
 * one sample and group at a time. Data is (batch, channel, height, width), weight (out, in / groups,
 * height, width). TensorFlow.js has no gradients of dilated or grouped convolutions.
 */

registerKernel('convolution_unbiased', ([data, weight], attributes, [output]) => {
  if (!data || !weight || !output) return;
  const plan = planOf(attributes, { data: data.shape, weight: weight.shape, output: output.shape });
  const [x, w, y] = [floatsOf(data), floatsOf(weight), floatsOf(output)];
  forEachGroup(plan, ({ image, filter, result }) => {
    const product = multiplyMatrices(piece(w, filter), unroll(piece(x, image), plan), {
      left: [plan.filters, plan.patch],
      right: [plan.patch, plan.positions],
    });
    piece(y, result).set(product);
  });
  settle(output);
});

/** Inputs: the gradient of the output, and weight. Output: the gradient of data. */
registerKernel('convolution_backward_data', ([head, weight], attributes, [output]) => {
  if (!head || !weight || !output) return;
  const plan = planOf(attributes, { data: output.shape, weight: weight.shape, output: head.shape });
  const [g, w, dx] = [floatsOf(head), floatsOf(weight), floatsOf(output)];
  forEachGroup(plan, ({ image, filter, result }) => {
    const patches = multiplyMatrices(piece(w, filter), piece(g, result), {
      left: [plan.filters, plan.patch],
      right: [plan.filters, plan.positions],
      transposeLeft: true,
    });
    roll(patches, piece(dx, image), plan);
  });
  settle(output);
});

/** Inputs: the gradient of the output, and data. Output: the gradient of weight. */
registerKernel('convolution_backward_weight', ([head, data], attributes, [output]) => {
  if (!head || !data || !output) return;
  const plan = planOf(attributes, { data: data.shape, weight: output.shape, output: head.shape });
  const [g, x, dw] = [floatsOf(head), floatsOf(data), floatsOf(output)];
  forEachGroup(plan, ({ image, filter, result }) => {
    const product = multiplyMatrices(piece(g, result), unroll(piece(x, image), plan), {
      left: [plan.filters, plan.positions],
      right: [plan.patch, plan.positions],
      transposeRight: true,
    });
    const target = piece(dw, filter);
    for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + (product[i] ?? 0);
  });
  settle(output);
});

interface Plan {
  readonly batch: number;
  readonly groups: number;
  /** Of one group: channels in, filters out. */
  readonly channels: number;
  readonly filters: number;
  /** Elements of one unrolled patch, and how many patches a sample has. */
  readonly patch: number;
  readonly positions: number;
  readonly geometry: WindowGeometry;
}

function planOf(
  attributes: Attributes,
  { data, weight, output }: { readonly data: Shape; readonly weight: Shape; readonly output: Shape },
): Plan {
  const groups = numberOf(attributes, 'numGroup', 1);
  const [filters = 1, channels = 1] = weight;
  const kernel = lastTwo(weight);
  const grid = lastTwo(output);
  return {
    batch: data[0] ?? 0,
    groups,
    channels,
    filters: filters / groups,
    patch: channels * kernel[0] * kernel[1],
    positions: grid[0] * grid[1],
    geometry: windowGeometry(attributes, { kernel, image: lastTwo(data), grid }),
  };
}

/** A run of elements. */
interface Run {
  readonly start: number;
  readonly count: number;
}

/** Where one group of one sample lies in data, weight and output. */
interface GroupRuns {
  readonly image: Run;
  readonly filter: Run;
  readonly result: Run;
}

function forEachGroup(plan: Plan, visit: (runs: GroupRuns) => void): void {
  const { batch, groups, channels, filters, patch, positions, geometry } = plan;
  const image = channels * geometry.image[0] * geometry.image[1];
  for (let index = 0; index < batch * groups; index++) {
    // Freed after each group: TensorFlow.js would keep them all until the kernel ends.
    tf.tidy(() => {
      visit({
        image: { start: index * image, count: image },
        filter: { start: (index % groups) * filters * patch, count: filters * patch },
        result: { start: index * filters * positions, count: filters * positions },
      });
    });
  }
}

/** The patch under each window as a column. */
function unroll(image: Floats, plan: Plan): Floats {
  const columns = blank(image, plan.patch * plan.positions);
  walkChannels(plan, (column, at) => {
    columns[column] = image[at] ?? 0;
  });
  return columns;
}

/** Adds each patch to where it was taken from. */
function roll(columns: ArrayLike<number>, image: Floats, plan: Plan): void {
  walkChannels(plan, (column, at) => {
    image[at] = (image[at] ?? 0) + (columns[column] ?? 0);
  });
}

function walkChannels({ channels, positions, geometry }: Plan, visit: (column: number, image: number) => void): void {
  const window = geometry.kernel[0] * geometry.kernel[1];
  const plane = geometry.image[0] * geometry.image[1];
  for (let channel = 0; channel < channels; channel++) {
    walkWindows(geometry, (kernel, grid, image) => {
      visit((channel * window + kernel) * positions + grid, channel * plane + image);
    });
  }
}

function blank(like: Floats, count: number): Floats {
  return like instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
}

function piece(values: Floats, { start, count }: Run): Floats {
  return values.subarray(start, start + count);
}

/** @throws UnsupportedDTypeError */
function floatsOf(array: DeviceArray): Floats {
  const values = numbersOf(array);
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  throw new UnsupportedDTypeError(`There is no convolution of ${array.dtype}: cast it to float32 first.`);
}
