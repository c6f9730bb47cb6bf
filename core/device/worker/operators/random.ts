import { InvalidArgumentError } from '../../../errors.ts';
import { numberOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import { BLOCK, writeNumbers } from '../convert.ts';
import { DeviceArray, type Numbers } from '../device-array.ts';
import { fill } from './fill.ts';
import { registerKernel } from './registry.ts';
import { type RandomStream, threefry, WORDS_PER_COUNTER } from './threefry.ts';

/**
 * Random values, in place. Element i of a draw comes from a counter that depends on i alone, so a value
 * is the same on any device and however the work is cut. With the attribute `start`, a multiple of four,
 * an array gets the elements from that one on of a larger draw.
 */

/** Uniform in [low, high), from 32 random bits, or 53 for float64. */
registerKernel('random_uniform', (_inputs, attributes, outputs) => {
  const low = numberOf(attributes, 'low');
  const high = numberOf(attributes, 'high');
  const stream = streamOf(attributes);
  const start = startOf(attributes);
  for (const output of outputs) {
    const [least, most] = storedRange(output, low, high);
    if (output.dtype === 'float32' && output.elements.kind === 'numbers') {
      fillFloat32(output.elements.values, stream, { center: least / 2 + most / 2, half: most / 2 - least / 2, start });
    } else {
      const range = { center: low / 2 + high / 2, half: high / 2 - low / 2, least, most };
      fillBlocks(output, start, output.dtype === 'float64' ? fineUniform(stream, range) : uniform(stream, range));
    }
  }
});

/** Normal, accurate in the tails to 8.5 standard deviations. */
registerKernel('random_normal', (_inputs, attributes, outputs) => {
  const sigma = numberOf(attributes, 'sigma');
  const start = startOf(attributes);
  for (const output of outputs) fillBlocks(output, start, normal(streamOf(attributes), sigma));
});

/** Every element the same integer of [low, high). */
registerKernel('random_integer', (_inputs, attributes, outputs) => {
  const low = numberOf(attributes, 'low');
  const high = numberOf(attributes, 'high');
  const words = new Int32Array(WORDS_PER_COUNTER);
  threefry(streamOf(attributes), 0, words);
  const value = low + Math.floor(((words[0] ?? 0) >>> 0) * 2 ** -32 * (high - low));
  for (const output of outputs) fill(output, value);
});

/** Fills `numbers` with those of the stream from element `start` on, a multiple of four. */
export type NumberSource = (start: number, numbers: Float64Array) => void;

/** The stream that the attributes of a draw name. */
export function streamOf(attributes: Attributes): RandomStream {
  const draw = numberOf(attributes, 'draw');
  return {
    key: [numberOf(attributes, 'seed_low'), numberOf(attributes, 'seed_high')],
    stream: [draw >>> 0, Math.floor(draw / 2 ** 32)],
  };
}

function startOf(attributes: Attributes): number {
  const start = numberOf(attributes, 'start', 0);
  if (Number.isSafeInteger(start) && start >= 0 && start % WORDS_PER_COUNTER === 0) return start;
  throw new InvalidArgumentError(`The attribute start must be a multiple of ${WORDS_PER_COUNTER}, got ${start}.`);
}

/** Words at a time where they go straight into the array: few enough for the first cache. */
const WORDS = 4096;

/**
 * Uniform float32 from 32 bits each, in one step: the default initializer of large weights. As both ends
 * of the range are float32 values, rounding leads to none outside.
 */
function fillFloat32(
  values: Numbers,
  stream: RandomStream,
  { center, half, start: first }: { readonly center: number; readonly half: number; readonly start: number },
): void {
  const words = new Int32Array(Math.min(WORDS, wholeCounters(values.length)));
  const unit = half * 2 ** -31;
  for (let start = 0; start < values.length; start += WORDS) {
    threefry(stream, (first + start) / WORDS_PER_COUNTER, words);
    const piece = values.subarray(start, start + WORDS);
    for (let i = 0; i < piece.length; i++) piece[i] = center + unit * (words[i] ?? 0);
  }
}

/** From `center - half` to `center + half`, but not below `least` nor above `most`. */
export interface UniformRange {
  readonly center: number;
  readonly half: number;
  readonly least: number;
  readonly most: number;
}

/** Uniform numbers from 32 bits each. */
export function uniform(stream: RandomStream, { center, half, least, most }: UniformRange): NumberSource {
  const words = new Int32Array(BLOCK);
  const unit = half * 2 ** -31;
  return (start, numbers) => {
    threefry(stream, start / WORDS_PER_COUNTER, words.subarray(0, wholeCounters(numbers.length)));
    for (let i = 0; i < numbers.length; i++) {
      numbers[i] = Math.min(Math.max(center + unit * (words[i] ?? 0), least), most);
    }
  };
}

/** Uniform numbers from 53 bits each. */
function fineUniform(stream: RandomStream, { center, half, least, most }: UniformRange): NumberSource {
  const words = new Int32Array(BLOCK * 2);
  return (start, numbers) => {
    threefry(stream, start / 2, words.subarray(0, wholeCounters(numbers.length * 2)));
    for (let i = 0; i < numbers.length; i++) {
      const signed = integer53(words, 2 * i) * 2 ** -52 - 1;
      numbers[i] = Math.min(Math.max(center + half * signed, least), most);
    }
  };
}

/** Normal around 0, two numbers from each two uniform ones: Box and Muller 1958. */
export function normal(stream: RandomStream, sigma: number): NumberSource {
  const words = new Int32Array(BLOCK * 2);
  return (start, numbers) => {
    threefry(stream, start / 2, words.subarray(0, wholeCounters(numbers.length * 2)));
    for (let i = 0; i < numbers.length; i += 2) {
      // In (0, 1]: the logarithm is finite.
      const radius = sigma * Math.sqrt(-2 * Math.log((integer53(words, 2 * i) + 1) * 2 ** -53));
      const angle = 2 * Math.PI * integer53(words, 2 * i + 2) * 2 ** -53;
      numbers[i] = radius * Math.cos(angle);
      if (i + 1 < numbers.length) numbers[i + 1] = radius * Math.sin(angle);
    }
  };
}

function integer53(words: Int32Array, at: number): number {
  return ((words[at] ?? 0) >>> 5) * 2 ** 26 + ((words[at + 1] ?? 0) >>> 6);
}

function wholeCounters(words: number): number {
  return Math.ceil(words / WORDS_PER_COUNTER) * WORDS_PER_COUNTER;
}

/** `first` is the place of the target's first element in the stream. */
function fillBlocks(target: DeviceArray, first: number, source: NumberSource): void {
  const numbers = new Float64Array(Math.min(BLOCK, target.size));
  for (let start = 0; start < target.size; start += BLOCK) {
    const block = numbers.subarray(0, Math.min(BLOCK, target.size - start));
    source(first + start, block);
    writeNumbers(target, start, block);
  }
}

/**
 * The least and the greatest value of the storage dtype in [low, high): what is between them before
 * rounding is so after it. Narrow dtypes may have none in a narrow range; then rounding decides.
 */
function storedRange(array: DeviceArray, low: number, high: number): readonly [least: number, most: number] {
  const round = rounderTo(array);
  const least = round(low) < low ? neighbour(round, round(low), 1) : round(low);
  const most = round(high) >= high ? neighbour(round, round(high), -1) : round(high);
  return least <= most ? [least, most] : [low, high];
}

function rounderTo({ dtype }: DeviceArray): (value: number) => number {
  const scratch = new DeviceArray(dtype, [1]);
  return (value) => {
    writeNumbers(scratch, 0, Float64Array.of(value));
    return scratch.elements.kind === 'numbers' ? (scratch.elements.values[0] ?? 0) : 0;
  };
}

/** The next value that `round` knows in `direction`: the first that a growing step leads to. */
function neighbour(round: (value: number) => number, value: number, direction: 1 | -1): number {
  if (!Number.isFinite(value)) return value;
  let next = value;
  for (let step = Math.max(Math.abs(value) * 2 ** -60, Number.MIN_VALUE); next === value; step *= 2) {
    next = round(value + direction * step);
  }
  return next;
}
