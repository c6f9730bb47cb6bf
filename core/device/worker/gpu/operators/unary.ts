import { numberOf } from '../../../attributes.ts';
import { take } from '../cast.ts';
import type { GpuArray } from '../gpu-array.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { type GpuCall, registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import type { ElementType, Parameters } from '../program.ts';
import { FUNCTIONS } from '../shaders/functions.ts';

/** A function of `x` in a program's code. */
interface UnaryCode {
  readonly float: string;
  /** Where integers give integers; without it they give floats. */
  readonly integer?: string;
}

const CODES: Readonly<Record<string, UnaryCode>> = {
  neg: { float: '-x', integer: '-x' },
  square: { float: 'x * x', integer: 'x * x' },
  sqrt: { float: 'select(sqrt(x), quietNaN(), x < 0.0)' },
  exp: { float: 'exponential(x)' },
  log: { float: 'logarithm(x)' },
  abs: { float: 'abs(x)', integer: 'abs(x)' },
  sign: {
    float: 'select(select(select(0.0, 1.0, x > 0.0), -1.0, x < 0.0), x, isNotNumber(x))',
    integer: 'select(select(0, 1, x > 0), -1, x < 0)',
  },
  relu: { float: 'select(x, 0.0, x < 0.0)', integer: 'max(x, 0)' },
  sigmoid: { float: '1.0 / (1.0 + exponential(-x))' },
  tanh: { float: 'hyperbolicTangent(x)' },
  softrelu: { float: 'softPlus(x)' },
  softsign: { float: 'x / (1.0 + abs(x))' },
};

for (const [name, code] of Object.entries(CODES)) {
  registerGpuKernel(name, { run: (call) => runUnary(call, code, {}) });
}

registerGpuKernel('identity', {
  accepts: () => true,
  run: async ({ inputs: [input], outputs: [output] }) => {
    if (input && output) await take(input, output);
  },
});

const CLIP: UnaryCode = {
  float: 'select(select(x, low(), x < low()), high(), x > high())',
  integer: 'select(select(x, low(), x < below()), high(), x > above())',
};

/** NaN stays NaN. Bounds between integers are cut, as the cpu's typed arrays cut them. */
registerGpuKernel('clip', {
  run: (call) => {
    const low = numberOf(call.attributes, 'low');
    const high = numberOf(call.attributes, 'high');
    const bounds = { low: toInt32(low), high: toInt32(high) };
    const limits = { below: toInt32(Math.ceil(low)), above: toInt32(Math.floor(high)) };
    runUnary(call, CLIP, { floats: { low, high }, integers: { ...bounds, ...limits } });
  },
});

function runUnary(
  { name, inputs: [input], outputs: [output] }: GpuCall,
  { float, integer }: UnaryCode,
  { floats = {}, integers = {} }: { readonly floats?: Parameters; readonly integers?: Parameters },
): void {
  if (!input || !output) return;
  const isInteger = elementTypeOf(output.dtype) === 'i32' && integer !== undefined;
  const type = isInteger ? 'i32' : 'f32';
  launch(output, {
    name: `${name}_${input.dtype}`,
    inputs: [input],
    ...(isInteger ? { integers } : { floats }),
    code: [
      FUNCTIONS,
      `fn compute(x: ${type}) -> ${type} { return ${isInteger ? integer : float}; }`,
      `fn element(index: i32) -> ${type} { return store(compute(${valueCode(input, 'fetchA(index)', type)})); }`,
    ],
  });
}

/** An element as a program computes with it: what is true is 1. */
export function valueCode({ dtype }: GpuArray, fetch: string, type: ElementType): string {
  const value = dtype === 'bool' ? `select(0, 1, ${fetch} != 0)` : fetch;
  return elementTypeOf(dtype) === type ? value : `${type}(${value})`;
}

function toInt32(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value)));
}
