import { numberOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import { BLOCK, writeNumbers } from '../convert.ts';
import { DeviceArray } from '../device-array.ts';
import { fill } from './fill.ts';
import { type PhiloxStream, philox, WORDS_PER_COUNTER } from './philox.ts';
import { registerKernel } from './registry.ts';

/**
 * Random values, in place. Element i of a draw comes from a counter that depends on i alone, so a value
 * is the same on any device and however the work is cut.
 */

/** Uniform in [low, high): from 32 random bits, or 53 for float64. */
registerKernel('random_uniform', (_inputs, attributes, outputs) => {
  const low = numberOf(attributes, 'low');
  const high = numberOf(attributes, 'high');
  for (const output of outputs) {
    fillBlocks(output, uniformSource(output.dtype === 'float64' ? 53 : 32, streamOf(attributes)), (numbers) => {
      for (let i = 0; i < numbers.length; i++) {
        const u = numbers[i] ?? 0;
        numbers[i] = low * (1 - u) + high * u;
      }
    });
    confine(output, low, high);
  }
});

/** Normal, accurate in the tails to 8.5 standard deviations. */
registerKernel('random_normal', (_inputs, attributes, outputs) => {
  const mean = numberOf(attributes, 'mean');
  const sigma = numberOf(attributes, 'sigma');
  for (const output of outputs) {
    fillBlocks(output, normalSource(streamOf(attributes)), (numbers) => {
      for (let i = 0; i < numbers.length; i++) numbers[i] = mean + sigma * (numbers[i] ?? 0);
    });
  }
});

/** Every element the same integer of [low, high). */
registerKernel('random_integer', (_inputs, attributes, outputs) => {
  const low = numberOf(attributes, 'low');
  const high = numberOf(attributes, 'high');
  const draw = new Float64Array(WORDS_PER_COUNTER);
  uniformSource(32, streamOf(attributes))(0, draw);
  for (const output of outputs) fill(output, low + Math.floor((high - low) * (draw[0] ?? 0)));
});

/** Fills `numbers` with those of the stream from element `start` on, a multiple of four. */
export type NumberSource = (start: number, numbers: Float64Array) => void;

/** The stream that the attributes of a draw name. */
export function streamOf(attributes: Attributes): PhiloxStream {
  const draw = numberOf(attributes, 'draw');
  return {
    key: [numberOf(attributes, 'seed_low'), numberOf(attributes, 'seed_high')],
    stream: [draw >>> 0, Math.floor(draw / 2 ** 32)],
  };
}

/** Multiples of 2^-`bits` in [0, 1). */
export function uniformSource(bits: 32 | 53, stream: PhiloxStream): NumberSource {
  const wordsEach = bits === 32 ? 1 : 2;
  const words = new Uint32Array(BLOCK * wordsEach);
  return (start, numbers) => {
    philox(
      stream,
      (start * wordsEach) / WORDS_PER_COUNTER,
      words.subarray(0, wholeCounters(numbers.length * wordsEach)),
    );
    if (bits === 32) for (let i = 0; i < numbers.length; i++) numbers[i] = (words[i] ?? 0) * 2 ** -32;
    else for (let i = 0; i < numbers.length; i++) numbers[i] = integer53(words, 2 * i) * 2 ** -53;
  };
}

/** Standard normal values, two from each two uniform ones: Box and Muller 1958. */
export function normalSource(stream: PhiloxStream): NumberSource {
  const words = new Uint32Array(BLOCK * 2);
  return (start, numbers) => {
    philox(stream, start / 2, words.subarray(0, wholeCounters(numbers.length * 2)));
    for (let i = 0; i < numbers.length; i += 2) {
      // In (0, 1]: the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log((integer53(words, 2 * i) + 1) * 2 ** -53));
      const angle = 2 * Math.PI * integer53(words, 2 * i + 2) * 2 ** -53;
      numbers[i] = radius * Math.cos(angle);
      if (i + 1 < numbers.length) numbers[i + 1] = radius * Math.sin(angle);
    }
  };
}

function integer53(words: Uint32Array, at: number): number {
  return ((words[at] ?? 0) >>> 5) * 2 ** 26 + ((words[at + 1] ?? 0) >>> 6);
}

function wholeCounters(words: number): number {
  return Math.ceil(words / WORDS_PER_COUNTER) * WORDS_PER_COUNTER;
}

function fillBlocks(target: DeviceArray, source: NumberSource, transform: (numbers: Float64Array) => void): void {
  const numbers = new Float64Array(Math.min(BLOCK, target.size));
  for (let start = 0; start < target.size; start += BLOCK) {
    const block = numbers.subarray(0, Math.min(BLOCK, target.size - start));
    source(start, block);
    transform(block);
    writeNumbers(target, start, block);
  }
}

/** Moves values that rounding to the storage dtype took out of [low, high) to the nearest ones within. */
function confine(array: DeviceArray, low: number, high: number): void {
  const { elements } = array;
  if (elements.kind !== 'numbers') return;
  const round = rounderTo(array);
  const least = round(low) < low ? neighbour(round, round(low), 1) : round(low);
  const most = round(high) >= high ? neighbour(round, round(high), -1) : round(high);
  // Narrow dtypes may have no value at all in a narrow range.
  if (!(least <= most)) return;
  const { values } = elements;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value < least) values[i] = least;
    else if (value > most) values[i] = most;
  }
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
