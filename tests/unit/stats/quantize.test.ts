import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchEngine } from './scratch-engine.ts';

const { scratch, engine } = scratchEngine(1);

const TO_Q8_0 = { kind: 'cast', dtype: 'q8_0' } as const;
const TO_FLOAT32 = { kind: 'cast', dtype: 'float32' } as const;
const BLOCK = 32;

/** The nearest float16 as bits; of two that are as near the one whose last bit is 0. */
function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  let best = 0;
  for (const step of [0x4000, 0x2000, 0x1000, 0x800, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1]) {
    if (best + step < 0x7c00 && halfValue(best + step) <= value) best += step;
  }
  const [low, high] = [value - halfValue(best), (best === 0x7bff ? 65_536 : halfValue(best + 1)) - value];
  return low < high || (low === high && best % 2 === 0) ? best : best + 1;
}

function halfValue(bits: number): number {
  const exponent = bits >> 10;
  const mantissa = bits & 0x3ff;
  return exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
}

/** ggml's quantize_row_q8_0_ref, for finite values. */
function reference(values: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer((values.length / BLOCK) * 34));
  for (let b = 0; b < values.length / BLOCK; b++) {
    const block = values.subarray(b * BLOCK, (b + 1) * BLOCK);
    const scale = Math.fround(block.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    out.setUint16(b * 34, halfBits(scale), true);
    block.forEach((x, i) => {
      const scaled = Math.fround(x * inverse);
      out.setInt8(b * 34 + 2 + i, Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
    });
  }
  return new Uint8Array(out.buffer);
}

function float32Tensor(values: Float32Array, shape: readonly number[]) {
  return scratch.tensor('float32', shape, new Uint8Array(values.buffer), [TO_Q8_0]);
}

describe('a cast to q8_0', () => {
  it('rounds as ggml does, over all magnitudes', async () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    const exponent = fc.integer({ min: -36, max: 11 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(value, { minLength: BLOCK, maxLength: BLOCK }), exponent), {
          minLength: 1,
          maxLength: 6,
        }),
        async (blocks) => {
          const values = Float32Array.from(blocks.flatMap(([block, power]) => block.map((x) => x * 10 ** power)));
          const bytes = await engine.read(float32Tensor(values, [blocks.length, BLOCK]), 0, values.length);
          expect(Buffer.from(bytes).equals(Buffer.from(reference(values)))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('rounds halves away from zero', async () => {
    const values = Float32Array.from({ length: BLOCK }, (_, i) => (i === 0 ? 127 : (i - 16) / 2));
    const bytes = await engine.read(float32Tensor(values, [BLOCK]), 0, BLOCK);
    expect([...new Int8Array(bytes.buffer, bytes.byteOffset + 2, 6)]).toEqual([127, -8, -7, -7, -6, -6]);
    expect(new Int8Array(bytes.buffer, bytes.byteOffset + 2 + 17, 1)[0]).toBe(1);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('lets %d spoil its own block only', async (bad) => {
    const values = new Float32Array(2 * BLOCK).fill(1);
    values[3] = bad;
    const tensor = scratch.tensor('float32', [2, BLOCK], new Uint8Array(values.buffer), [TO_Q8_0, TO_FLOAT32]);
    const bytes = await engine.read(tensor, 0, 2 * BLOCK);
    const widened = new Float32Array(bytes.buffer, bytes.byteOffset, 2 * BLOCK);
    expect(widened.subarray(0, BLOCK).every(Number.isNaN)).toBe(true);
    expect(widened.subarray(BLOCK).every((x) => Math.abs(x - 1) < 1e-3)).toBe(true);
  });

  it('shows any part of what it gives as the whole has it, across chunks', async () => {
    const count = 70_000 - (70_000 % BLOCK);
    const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i) * (i % 97));
    const source = new Uint8Array(values.buffer);
    const tensor = scratch.tensor('float32', [count], source, [TO_Q8_0, TO_FLOAT32]);
    const whole = Buffer.from(await engine.read(tensor, 0, count));
    await fc.assert(
      fc.asyncProperty(fc.nat(count - 1), fc.integer({ min: 1, max: 70_000 }), async (start, length) => {
        const taken = Math.min(length, count - start);
        const part = Buffer.from(await engine.read(tensor, start, taken));
        expect(part.equals(whole.subarray(start * 4, (start + taken) * 4))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('is refused where rows are no whole blocks', async () => {
    const tensor = scratch.tensor('float32', [2, 16], new Uint8Array(128), [TO_Q8_0]);
    await expect(engine.read(tensor, 0, 32)).rejects.toThrow(/Rows of q8_0 are multiples of 32/);
  });
});
