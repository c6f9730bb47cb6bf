import { booleanOf, numberOf } from '../../device/attributes.ts';
import type { NDArray } from '../../device/nd-array.ts';
import { InvalidArgumentError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { isTraining, unrecorded } from '../autograd-state.ts';
import { layerDType } from './dtypes.ts';
import { defineOperator, type PartialShape, type ShapeKnowledge } from './registry.ts';
import { normalizeAxis, unify } from './shapes.ts';

/**
 * MXNet's BatchNorm along `axis` (by default 1): with the statistics of the batch while training,
 * which then move `movingMean` and `movingVar` in place by 1 - `momentum`; with the moving ones otherwise
 * or where `useGlobalStats` says so. `fixGamma` takes gamma as 1. Variances are those of the population.
 */
defineOperator({
  name: 'batch_norm',
  inputs: ['data', 'gamma', 'beta', 'movingMean', 'movingVar'],
  inferShape: (known, attributes) => perChannelShape(known, numberOf(attributes, 'axis', 1)),
  inferDType: layerDType,
  compose: ([data, gamma, beta, movingMean, movingVar], attributes) => {
    if (!data || !gamma || !beta || !movingMean || !movingVar)
      throw new InvalidArgumentError('batch_norm takes 5 arrays.');
    const axis = normalizeAxis(numberOf(attributes, 'axis', 1), data.shape.length);
    const channels = data.shape.map((size, i) => (i === axis ? size : 1));
    const scale = booleanOf(attributes, 'fixGamma', false) ? null : gamma;
    const isBatch = isTraining() && !booleanOf(attributes, 'useGlobalStats', false);
    const moments = isBatch
      ? momentsOf(
          data,
          data.shape.flatMap((_, i) => (i === axis ? [] : [i])),
        )
      : { mean: movingMean.reshape(channels), variance: movingVar.reshape(channels) };
    if (isBatch) {
      const momentum = numberOf(attributes, 'momentum', 0.9);
      move(movingMean, moments.mean, momentum);
      move(movingVar, moments.variance, momentum);
    }
    return normalize(data, moments, {
      epsilon: numberOf(attributes, 'epsilon', 1e-5),
      scale: scale?.reshape(channels) ?? null,
      shift: beta.reshape(channels),
    });
  },
});

/** MXNet's LayerNorm: each run along `axis` (by default the last) to mean 0 and variance 1, then gamma and beta. */
defineOperator({
  name: 'layer_norm',
  inputs: ['data', 'gamma', 'beta'],
  inferShape: (known, attributes) => perChannelShape(known, numberOf(attributes, 'axis', -1)),
  inferDType: layerDType,
  compose: ([data, gamma, beta], attributes) => {
    if (!data || !gamma || !beta) throw new InvalidArgumentError('layer_norm takes 3 arrays.');
    const axis = normalizeAxis(numberOf(attributes, 'axis', -1), data.shape.length);
    const channels = data.shape.map((size, i) => (i === axis ? size : 1));
    return normalize(data, momentsOf(data, [axis]), {
      epsilon: numberOf(attributes, 'epsilon', 1e-5),
      scale: gamma.reshape(channels),
      shift: beta.reshape(channels),
    });
  },
});

interface Moments {
  readonly mean: NDArray;
  readonly variance: NDArray;
}

/** Mean and population variance over `axes`, which stay with size 1. */
function momentsOf(data: NDArray, axes: readonly number[]): Moments {
  const mean = data.mean({ axis: axes, keepDims: true });
  const variance = data.sub(mean).square().mean({ axis: axes, keepDims: true });
  return { mean, variance };
}

function normalize(
  data: NDArray,
  { mean, variance }: Moments,
  { epsilon, scale, shift }: { readonly epsilon: number; readonly scale: NDArray | null; readonly shift: NDArray },
): NDArray {
  const standard = data.sub(mean).div(variance.add(epsilon).sqrt());
  return (scale ? standard.mul(scale) : standard).add(shift);
}

/** `moving = momentum * moving + (1 - momentum) * batch`, in place. */
function move(moving: NDArray, batch: NDArray, momentum: number): void {
  unrecorded(() => {
    const next = moving.mul(momentum).add(batch.reshape(moving.shape).mul(1 - momentum));
    moving.runtime.assign(moving, next);
  });
}

/** All inputs but data have one size, that of data's `axis`. */
function perChannelShape({ inputs, output }: ShapeKnowledge, axis: number): ShapeKnowledge {
  const [data = null, ...rest] = inputs;
  const full = unify(data, output);
  const vector: PartialShape = rest.reduce<PartialShape>(
    unify,
    full && [full.at(normalizeAxis(axis, full.length)) ?? -1],
  );
  const known = full && unify(full, channelShape(full, axis, vector));
  return { inputs: [known, ...rest.map(() => vector)], output: known };
}

function channelShape(data: Shape, axis: number, vector: PartialShape): Shape {
  const at = normalizeAxis(axis, data.length);
  return data.map((_, i) => (i === at ? (vector?.[0] ?? -1) : -1));
}
