import type { NDArray } from '../../device/nd-array.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { LazySource } from '../../parameter/lazy-source.ts';
import { loadCopies } from '../../parameter/load-copies.ts';
import type { WorkOptions } from '../../stats/engine.ts';

export interface InputSpec {
  readonly batch: 'random' | 'ones' | LazySource;
  readonly seed: number;
  /** Of a batch that is made; one that is loaded has its own. */
  readonly inputShape: Shape;
  /** Rows of the weight by their numbers, as int32, instead of values of its dtype. */
  readonly isIndices: boolean;
}

/** The batch that a probe feeds, once for each of the devices of `weights`: the same on all. The caller disposes of it. */
export async function probeInputs(
  weights: readonly NDArray[],
  spec: InputSpec,
  { signal }: WorkOptions,
): Promise<NDArray[]> {
  const [first] = weights;
  if (typeof spec.batch === 'string' || !first) return weights.map((weight) => madeInput(weight, spec));
  const { runtime } = first;
  const devices = weights.map(({ device }) => device);
  return await loadCopies(spec.batch, { runtime, devices, dtype: spec.isIndices ? 'int32' : first.dtype }, { signal });
}

/** A function of the seed alone, whatever the device. */
function madeInput(weight: NDArray, spec: InputSpec): NDArray {
  const { runtime, device } = weight;
  const { batch, inputShape: shape, isIndices } = spec;
  const input = runtime.zeros({ shape, dtype: isIndices ? 'int32' : weight.dtype, device });
  if (batch === 'ones') {
    runtime.invokeInto('full', [], { attributes: { value: 1 }, targets: [input] });
  } else if (isIndices) {
    const numbers = runtime.zeros({ shape, dtype: 'float64', device });
    const range = { low: 0, high: weight.shape[0] ?? 1 };
    runtime.invokeInto('random_uniform', [], { attributes: { ...range, ...draw(spec) }, targets: [numbers] });
    runtime.assign(input, numbers);
    numbers.dispose();
  } else {
    runtime.invokeInto('random_normal', [], { attributes: { sigma: 1, ...draw(spec) }, targets: [input] });
  }
  return input;
}

/** A stream of random numbers apart from those of initializers. */
function draw({ seed }: InputSpec) {
  return { seed_low: seed >>> 0, seed_high: Math.floor(seed / 2 ** 32) >>> 0, draw: 0 };
}
