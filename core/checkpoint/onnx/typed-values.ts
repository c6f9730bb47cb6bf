import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import type { RandomBytes } from '../unpack/decoder.ts';

const size = z.int().nonnegative();

export const typedSchema = z.object({
  runs: z.array(z.object({ start: size, stop: size, tagged: z.boolean() })),
  /** Bytes of a value in the field; 0 of varints. */
  width: z.int().min(0).max(8),
  /** Bytes that a value becomes: the low ones of a varint. */
  item: z.int().min(1).max(16),
  values: size,
});

/** Elements in a repeated field of the model, as `PackedStorage` describes them. */
export type TypedParameters = z.infer<typeof typedSchema>;

/** Read at once; a value never has more than a tag and a varint of 10 bytes. */
const WINDOW_BYTES = 1024 * 1024;
const MAX_VALUE_BYTES = 15;
const OUT_BYTES = 1024 * 1024;

/** The elements of a typed field, in pieces of whole elements, little-endian. */
export function* typedPieces(
  file: RandomBytes & { readonly name: string },
  typed: TypedParameters,
): Generator<Uint8Array> {
  const { item, values } = typed;
  let done = 0;
  for (const run of typed.runs) {
    for (const piece of runPieces(file, run, typed)) {
      done += typed.width === 0 ? piece.length / item : piece.length / typed.width;
      if (done > values) fail(file.name, run.start, `holds more than the ${values} values that its shape wants`);
      yield piece;
    }
  }
  if (done < values) {
    fail(file.name, typed.runs[0]?.start ?? 0, `holds ${done} values; its shape wants ${values}`);
  }
}

function fail(name: string, offset: number, problem: string): never {
  throw new CheckpointFormatError(`${name}: a tensor's field ${problem} (byte ${offset} of the file).`, {
    file: name,
    offset,
  });
}

type Run = TypedParameters['runs'][number];

function* runPieces(
  file: RandomBytes & { readonly name: string },
  run: Run,
  { width, item }: TypedParameters,
): Generator<Uint8Array> {
  let at = run.start;
  while (at < run.stop) {
    const window = new Uint8Array(Math.min(WINDOW_BYTES, run.stop - at));
    file.read(at, window);
    const isLast = at + window.length === run.stop;
    const values = new ValueReader(window, { name: file.name, base: at, tagged: run.tagged, isLast });
    const piece = width === 0 ? values.varints(item) : values.fixed(width);
    at += values.consumed;
    yield piece;
  }
}

/** Takes whole values from a window; what is cut at its end is left for the next one. */
class ValueReader {
  consumed = 0;
  readonly #window: Uint8Array;
  readonly #name: string;
  readonly #base: number;
  readonly #tagged: boolean;
  /** Values that begin before this byte are complete in the window. */
  readonly #safe: number;

  constructor(
    window: Uint8Array,
    { name, base, tagged, isLast }: { name: string; base: number; tagged: boolean; isLast: boolean },
  ) {
    this.#window = window;
    this.#name = name;
    this.#base = base;
    this.#tagged = tagged;
    this.#safe = isLast ? window.length : window.length - MAX_VALUE_BYTES;
  }

  fixed(width: number): Uint8Array {
    const out = new Uint8Array(Math.ceil(this.#window.length / width) * width);
    let length = 0;
    while (this.consumed < this.#safe) {
      this.#skipTag();
      const stop = this.consumed + width;
      if (stop > this.#window.length) this.#cut();
      out.set(this.#window.subarray(this.consumed, stop), length);
      length += width;
      this.consumed = stop;
    }
    return out.subarray(0, length);
  }

  varints(item: number): Uint8Array {
    const out = new Uint8Array(Math.min(OUT_BYTES, this.#window.length) * item);
    let length = 0;
    while (this.consumed < this.#safe && length < out.length) {
      this.#skipTag();
      this.#varint(out, length, item);
      length += item;
    }
    return out.subarray(0, length);
  }

  /** The varint here into the `item` bytes of `out` from `to` on: its low bits. */
  #varint(out: Uint8Array, to: number, item: number): void {
    let [low, high, shift] = [0, 0, 0];
    for (;;) {
      const byte = this.#next();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
      shift += 7;
      if (shift > 63) this.#cut();
    }
    for (let b = 0; b < item; b++) out[to + b] = b < 4 ? low >>> (8 * b) : high >>> (8 * (b - 4));
  }

  #skipTag(): void {
    if (!this.#tagged) return;
    while (this.#next() >= 0x80);
  }

  #next(): number {
    return this.#window[this.consumed++] ?? this.#cut();
  }

  #cut(): never {
    return fail(this.#name, this.#base + this.consumed, 'is damaged: a value has no end');
  }
}
