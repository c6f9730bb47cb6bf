import { DeviceArray } from '../device-array.ts';
import { tf } from '../tensorflow.ts';
import type { GpuArray } from './gpu-array.ts';
import { elementTypeOf, type GpuDevice } from './gpu-device.ts';
import { type ElementProgram, INPUT_NAMES, type Parameters, programOf } from './program.ts';
import { TWO_SUM } from './shaders/arithmetic.ts';

/** Elements that one invocation goes through; what is left is merged in float64 in the worker. */
const BLOCK = 256;

/**
 * What is found of each block of elements: of an array, or of the difference of two. The code is in the language of
 * `ElementProgram`; `TWO_SUM` is at hand.
 */
export interface BlockReduction {
  /** Names the code. */
  readonly name: string;
  /** Figures for each block; `which` is the one that an invocation is to find. */
  readonly figures: number;
  readonly floats: readonly string[];
  /** Declares what changes from element to element. */
  readonly start: string;
  /** For every element: `value` and `size`, the bits of its magnitude. */
  readonly step: string;
  /** An expression for the figure. */
  readonly result: string;
}

/** The figures of all blocks, those of one kind after those of the other. */
export async function reduceBlocks(
  arrays: readonly GpuArray[],
  reduction: BlockReduction,
  parameters: Parameters = {},
): Promise<Float32Array[]> {
  const [first] = arrays;
  if (!first) return [];
  const blocks = Math.ceil(first.size / BLOCK);
  tf.engine().startScope();
  try {
    const result = first.device.run({
      program: programFor(reduction, arrays),
      inputs: arrays.map(({ tensor }) => tensor),
      count: blocks * reduction.figures,
      parameters: { elements: first.size, blocks, ...parameters },
    });
    const figures = await read(first.device, result);
    return Array.from({ length: reduction.figures }, (_, k) => figures.subarray(k * blocks, (k + 1) * blocks));
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

function programFor(reduction: BlockReduction, arrays: readonly GpuArray[]): ElementProgram {
  const isBool = arrays.some(({ dtype }) => dtype === 'bool');
  const terms = arrays.map((_, i) => {
    const fetch = `fetch${INPUT_NAMES[i]}(at)`;
    return isBool ? `f32(select(0, 1, ${fetch} != 0))` : `f32(${fetch})`;
  });
  return programOf({
    name: `${reduction.name}${arrays.length}${isBool ? '_bool' : ''}`,
    inputs: arrays.map(({ dtype }) => elementTypeOf(dtype)),
    output: 'f32',
    integers: ['elements', 'blocks'],
    floats: reduction.floats,
    code: [
      TWO_SUM,
      `fn element(index: i32) -> f32 {
  let which: i32 = index / blocks();
  let first: i32 = (index - which * blocks()) * ${BLOCK};
  let last: i32 = min(first + ${BLOCK}, elements());
  ${reduction.start}
  for (var at: i32 = first; at < last; at = at + 1) {
    let value: f32 = ${terms.join(' - ')};
    let size: u32 = bitcast<u32>(value) & 0x7fffffffu;
    ${reduction.step}
  }
  return ${reduction.result};
}`,
    ],
  });
}
