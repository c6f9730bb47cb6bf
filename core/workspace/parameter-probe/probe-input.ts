import type { NDArray } from '../../device/nd-array.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { ProbeSpec } from './probe-kinds.ts';

interface InputSpec {
  readonly shape: Shape;
  readonly spec: ProbeSpec;
  /** Rows of the weight by their numbers, as int32, instead of values of its dtype. */
  readonly isIndices: boolean;
}

/** The batch that a probe feeds: a function of the seed alone, so the same on every device and in every pass. */
export function probeInput(weight: NDArray, { shape, spec, isIndices }: InputSpec): NDArray {
  const { runtime, device } = weight;
  const input = runtime.zeros({ shape, dtype: isIndices ? 'int32' : weight.dtype, device });
  if (spec.batch === 'ones') {
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
function draw({ seed }: ProbeSpec) {
  return { seed_low: seed >>> 0, seed_high: Math.floor(seed / 2 ** 32) >>> 0, draw: 0 };
}
