import type { NDArray } from '../../device/nd-array.ts';
import { ShapeMismatchError } from '../../errors.ts';
import { formatShape, type Shape } from '../../ndarray/shape.ts';
import { invokeOperator } from '../../symbol/invoke.ts';
import { noteMade } from '../../symbol/tidy.ts';
import type { ProbeKind } from './probe-kinds.ts';

/** A layer of one weight: what it reads, and what it makes of that. */
export interface ProbeModel {
  /** Of a batch of inputs. */
  readonly inputShape: (weight: Shape, batchSize: number) => Shape;
  /** True where inputs are row numbers of the weight. */
  readonly readsIndices?: boolean;
  readonly forward: (input: NDArray, weight: NDArray) => NDArray;
}

/** Windows that a convolution fits along each axis of the image. */
const WINDOWS = 8;

const MODELS: Readonly<Record<ProbeKind, ProbeModel & { readonly ranks: readonly number[] | null }>> = {
  dense: {
    ranks: [2],
    inputShape: ([, inputs = 1], batchSize) => [batchSize, inputs],
    forward: (input, weight) => invokeOperator('fully_connected', [input, weight]),
  },
  convolution: {
    ranks: [3, 4],
    inputShape: (weight, batchSize) => {
      const [, channels = 1, height = 1, width = 1] = asFilters(weight);
      return [batchSize, channels, height === 1 ? 1 : height + WINDOWS - 1, width + WINDOWS - 1];
    },
    forward: (input, weight) => {
      const filters = weight.shape.length === 4 ? weight : weight.reshape(asFilters(weight.shape));
      return invokeOperator('convolution', [input, filters]);
    },
  },
  embedding: {
    ranks: [2],
    readsIndices: true,
    inputShape: (_weight, batchSize) => [batchSize],
    forward: (input, weight) => invokeOperator('embedding', [input, weight]),
  },
  'layer norm': {
    ranks: [1],
    inputShape: vectors,
    forward: (input, weight) => invokeOperator('layer_norm', [input, weight, filled(weight, 0)]),
  },
  'batch norm': {
    ranks: [1],
    inputShape: vectors,
    forward: (input, weight) =>
      invokeOperator('batch_norm', [input, weight, filled(weight, 0), filled(weight, 0), filled(weight, 1)]),
  },
  bias: { ranks: [1], inputShape: vectors, forward: (input, weight) => input.add(weight) },
  scale: {
    ranks: null,
    inputShape: (weight, batchSize) => [batchSize, ...weight],
    forward: (input, weight) => input.mul(weight),
  },
};

/** @throws ShapeMismatchError where a tensor of `shape` cannot be that. */
export function probeModel(kind: ProbeKind, name: string, shape: Shape): ProbeModel {
  const { ranks, ...model } = MODELS[kind];
  if (ranks && !ranks.includes(shape.length)) {
    throw new ShapeMismatchError(
      `Parameter '${name}' cannot be probed as ${kind}: that takes ${ranks.join(' or ')} dimensions, its shape is ${formatShape(shape)}.`,
      { parameter: name },
    );
  }
  if (shape.includes(0)) {
    throw new ShapeMismatchError(`Parameter '${name}' has no elements, so there is nothing to probe.`, {
      parameter: name,
    });
  }
  return model;
}

function vectors([size = 1]: Shape, batchSize: number): Shape {
  return [batchSize, size];
}

/** (out, in, height, width), with a height of 1 for what slides along one axis only. */
function asFilters(weight: Shape): Shape {
  const [out = 1, channels = 1, ...kernel] = weight;
  return kernel.length === 1 ? [out, channels, 1, ...kernel] : weight;
}

/** An array like `weight` that is a constant to autograd. */
function filled({ runtime, shape, dtype, device }: NDArray, value: number): NDArray {
  const array = runtime.zeros({ shape, dtype, device });
  if (value !== 0) runtime.invokeInto('full', [], { attributes: { value }, targets: [array] });
  noteMade(array);
  return array;
}
