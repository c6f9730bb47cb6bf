import { InvalidArgumentError } from '../errors.ts';

/**
 * Where random values come from: draw number n under a seed is a stream of its own of a counter-based
 * generator, so a value depends on the seed, on how many draws came before, and on its position in the
 * array; not on the device, nor on how the work is cut. Draws are numbered here, in the order in which
 * ops are enqueued.
 */

/** What a kernel needs for one draw: the generator's key and the number of its stream. */
export interface Draw {
  readonly seed_low: number;
  readonly seed_high: number;
  readonly draw: number;
}

let [seedLow, seedHigh] = crypto.getRandomValues(new Uint32Array(2));
let drawn = 0;

/**
 * Makes the random values that follow reproducible, on any device: MXNet's `random.seed`, for all devices.
 *
 * @throws InvalidArgumentError unless `seed` is an integer that a float64 holds exactly.
 */
export function setSeed(seed: number): void {
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError(`The seed must be a safe integer, got ${seed}.`);
  const bits = BigInt.asUintN(64, BigInt(seed));
  seedLow = Number(bits & 0xffff_ffffn);
  seedHigh = Number(bits >> 32n);
  drawn = 0;
}

/** What `draw` enqueues is drawn under `seed` from its start; the stream of everybody else goes on as if it had not been. */
export function withSeed<T>(seed: number, draw: () => T): T {
  const former = { seedLow, seedHigh, drawn };
  setSeed(seed);
  try {
    return draw();
  } finally {
    ({ seedLow, seedHigh, drawn } = former);
  }
}

export function nextDraw(): Draw {
  return { seed_low: seedLow ?? 0, seed_high: seedHigh ?? 0, draw: drawn++ };
}
