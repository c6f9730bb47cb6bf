import { numberOf } from '../../../attributes.ts';
import type { Attributes } from '../../../protocol.ts';
import type { GpuArray } from '../gpu-array.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { type GpuCall, isNativeThroughout, registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import type { Parameters } from '../program.ts';

/**
 * Updates of weights by dense gradients, in place, after MXNet's optimizer operators. A program has the
 * gradient as A and what was in the outputs as B, C and D; one runs for each output, and computes what the
 * others store without their rounding.
 */
interface Update {
  readonly parameters: (attributes: Attributes) => Parameters;
  /** What programs share: functions of the element at `i`. */
  readonly code: string;
  /** The new element of each output. */
  readonly results: readonly string[];
}

const RATES = (attributes: Attributes): Parameters => ({
  lr: numberOf(attributes, 'lr'),
  wd: numberOf(attributes, 'wd'),
});

const MOMENTS = (attributes: Attributes): Parameters => {
  const beta1 = numberOf(attributes, 'beta1');
  const beta2 = numberOf(attributes, 'beta2');
  const epsilon = numberOf(attributes, 'epsilon');
  return { ...RATES(attributes), beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon };
};

/** A negative bound does not clip. */
const GRADIENT = `
fn gradient(i: i32) -> f32 {
  let g: f32 = scale() * fetchA(i);
  if (bound() < 0.0) { return g; }
  return select(select(g, -bound(), g < -bound()), bound(), g > bound());
}`;

const MOMENT_CODE = `
fn mean(i: i32) -> f32 { return beta1() * fetchC(i) + rest1() * decayed(i); }
fn variance(i: i32) -> f32 { return beta2() * fetchD(i) + rest2() * decayed(i) * decayed(i); }
fn ratio(i: i32) -> f32 { return mean(i) / (sqrt(variance(i)) + epsilon()); }`;

const DECAYED = 'fn decayed(i: i32) -> f32 { return gradient(i) + wd() * fetchB(i); }';

const UPDATES: Readonly<Record<string, Update>> = {
  sgd_update: { parameters: RATES, code: DECAYED, results: ['fetchB(i) - lr() * decayed(i)'] },
  sgd_mom_update: {
    parameters: (attributes) => ({ ...RATES(attributes), momentum: numberOf(attributes, 'momentum') }),
    code: `${DECAYED}\nfn velocity(i: i32) -> f32 { return momentum() * fetchC(i) - lr() * decayed(i); }`,
    results: ['fetchB(i) + velocity(i)', 'velocity(i)'],
  },
  adam_update: {
    parameters: MOMENTS,
    code: `${DECAYED}${MOMENT_CODE}`,
    results: ['fetchB(i) - lr() * ratio(i)', 'mean(i)', 'variance(i)'],
  },
  adamw_update: {
    parameters: MOMENTS,
    code: `fn decayed(i: i32) -> f32 { return gradient(i); }${MOMENT_CODE}`,
    results: ['fetchB(i) - lr() * (ratio(i) + wd() * fetchB(i))', 'mean(i)', 'variance(i)'],
  },
};

for (const [name, update] of Object.entries(UPDATES)) {
  registerGpuKernel(name, { accepts: isDenseAndReal, run: (call) => runUpdate(call, update) });
}

/** Gradients of single rows come with int64 indices, which no GPU has. */
function isDenseAndReal(call: GpuCall): boolean {
  const arrays = [...call.inputs, ...call.outputs];
  return (
    isNativeThroughout(call) && call.inputs.length === 1 && arrays.every(({ dtype }) => elementTypeOf(dtype) === 'f32')
  );
}

function runUpdate({ name, inputs, outputs, attributes }: GpuCall, { parameters, code, results }: Update): void {
  const before = [...inputs, ...outputs];
  const floats = {
    scale: numberOf(attributes, 'rescale_grad'),
    bound: numberOf(attributes, 'clip_gradient'),
    ...parameters(attributes),
  };
  const next = results.map((result, i) => {
    const output = outputs[i]?.blank();
    if (output) {
      launch(output, {
        name: `${name}${i}`,
        inputs: before,
        floats,
        code: [GRADIENT, code, `fn element(i: i32) -> f32 { return store(${result}); }`],
      });
    }
    return output;
  });
  for (const [i, output] of outputs.entries()) replaceBy(output, next[i]);
}

function replaceBy(output: GpuArray, next: GpuArray | undefined): void {
  if (!next) return;
  output.share(next);
  next.dispose();
}
