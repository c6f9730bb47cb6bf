import { DeviceArray } from '../device-array.ts';
import { norm as normOnProcessor } from '../reduce.ts';
import { tf } from '../tensorflow.ts';
import type { GpuArray } from './gpu-array.ts';
import { elementTypeOf, type GpuDevice } from './gpu-device.ts';
import { type ElementProgram, type ElementType, programOf } from './program.ts';
import { TWO_SUM } from './shaders/arithmetic.ts';

/** Elements that one invocation adds up; what is left is added in float64 in the worker. */
const BLOCK = 256;

/** The L2 norm; null for complex arrays. */
export async function norm(array: GpuArray): Promise<number | null> {
  if (array.dtype === 'complex64') return null;
  if (array.isZero) return 0;
  if (array.isNative) return rootOfSquares([array]);
  const elements = await array.readAll();
  const result = normOnProcessor(elements);
  elements.dispose();
  return result;
}

/** The L2 norm of an array, or of the difference of two of one shape and dtype. */
export async function rootOfSquares(arrays: readonly GpuArray[]): Promise<number> {
  const peaks = await reduceBlocks(arrays, 'peak', 1);
  const peak = peaks.reduce((most, value) => (Number.isNaN(value) || value > most ? value : most), 0);
  if (peak === 0 || !Number.isFinite(peak)) return peak;
  // Squares of numbers around 1 neither overflow nor vanish.
  const exponent = Math.max(-126, Math.min(126, Math.floor(Math.log2(peak))));
  const sums = await reduceBlocks(arrays, 'squares', 2 ** -exponent);
  let total = 0;
  for (const sum of sums) total += sum;
  return Math.sqrt(total) * 2 ** exponent;
}

async function reduceBlocks(
  arrays: readonly GpuArray[],
  kind: 'peak' | 'squares',
  scale: number,
): Promise<Float32Array> {
  const [first] = arrays;
  if (!first) return new Float32Array(0);
  const types = arrays.map(({ dtype }) => elementTypeOf(dtype));
  tf.engine().startScope();
  try {
    const result = first.device.run({
      program: blockProgram(kind, types, first.dtype === 'bool'),
      inputs: arrays.map(({ tensor }) => tensor),
      count: Math.ceil(first.size / BLOCK),
      parameters: { size: first.size, scale },
    });
    return await read(first.device, result);
  } finally {
    tf.engine().endScope();
  }
}

async function read(device: GpuDevice, vector: tf.Tensor): Promise<Float32Array> {
  const array = new DeviceArray('float32', [vector.size]);
  await device.download(vector, 0, array);
  const values = array.elements.kind === 'numbers' ? Float32Array.from(array.elements.values) : new Float32Array(0);
  array.dispose();
  return values;
}

function blockProgram(kind: 'peak' | 'squares', types: readonly ElementType[], isBool: boolean): ElementProgram {
  const terms = types.map((_, i) => {
    const fetch = `fetch${'AB'[i]}(at)`;
    return isBool ? `f32(select(0, 1, ${fetch} != 0))` : `f32(${fetch})`;
  });
  const step =
    kind === 'peak'
      ? 'most = max(most, bitcast<u32>(value) & 0x7fffffffu);'
      : `let scaled: f32 = value * scale();
    next = scaled * scaled;
    lost = lost + sumError(total, next);
    total = total + next;`;
  return programOf({
    name: `${kind}${types.length}${isBool ? '_bool' : ''}`,
    inputs: types,
    output: 'f32',
    integers: ['size'],
    floats: ['scale'],
    code: [
      TWO_SUM,
      `fn element(index: i32) -> f32 {
  var most: u32 = 0u;
  var total: f32 = 0.0;
  var lost: f32 = 0.0;
  var next: f32 = 0.0;
  let start: i32 = index * ${BLOCK};
  let stop: i32 = min(start + ${BLOCK}, size());
  for (var at: i32 = start; at < stop; at = at + 1) {
    let value: f32 = ${terms.join(' - ')};
    ${step}
  }
  return ${kind === 'peak' ? 'bitcast<f32>(most)' : 'withError(total, lost)'};
}`,
    ],
  });
}
