import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFor, DTYPES, groupElements, isQuantized } from '../../../core/ndarray/dtype.ts';
import { unpackGrid } from '../../../core/ndarray/quantized/grids.ts';
import { scratchEngine } from './scratch-engine.ts';
import { random } from './support.ts';

const { scratch, engine } = scratchEngine(1);

const QUANTIZED = DTYPES.filter(isQuantized);
const TO_FLOAT32 = { kind: 'cast', dtype: 'float32' } as const;

function blocks(nbytes: number): Uint8Array {
  const next = random(nbytes);
  return Uint8Array.from({ length: nbytes }, () => Math.floor(next() * 256));
}

async function widened(dtype: (typeof QUANTIZED)[number], shape: readonly number[], bytes: Uint8Array) {
  const count = shape.reduce((product, size) => product * size, 1);
  const read = await engine.read(scratch.tensor(dtype, shape, bytes, [TO_FLOAT32]), 0, count);
  return new Float32Array(read.buffer, read.byteOffset, count);
}

describe('a tensor of blocks', () => {
  it.each(QUANTIZED)('of %s shows any part of itself as the whole has it, across chunks', async (dtype) => {
    const group = groupElements(dtype);
    const shape = [Math.ceil(70_000 / group), group];
    const bytes = blocks(bytesFor(dtype, shape[0]! * group));
    const all = await widened(dtype, shape, bytes);
    const tensor = scratch.tensor(dtype, shape, bytes);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(shape[0]! - 1),
        fc.nat(group - 1),
        fc.integer({ min: 1, max: 3 }),
        async (row, column, step) => {
          const rows = { start: row, count: Math.min(3, shape[0]! - row), step: 1 };
          const columns = { start: column, count: Math.ceil((group - column) / step), step };
          const { bytes: cells, encoding } = await engine.cells(tensor, [rows, columns]);
          expect(encoding).toBe('float64');
          const values = new Float64Array(cells.buffer, cells.byteOffset, cells.length / 8);
          const wanted = Array.from({ length: rows.count * columns.count }, (_, i) => {
            const [r, c] = [Math.floor(i / columns.count), i % columns.count];
            return all[(row + r) * group + column + c * step]!;
          });
          expect([...values]).toEqual(wanted);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('reads any run of its float32 values, wherever it begins', async () => {
    const bytes = blocks(bytesFor('q4_k', 256 * 600));
    const all = await widened('q4_k', [600, 256], bytes);
    const tensor = scratch.tensor('q4_k', [600, 256], bytes, [TO_FLOAT32]);
    for (const [start, count] of [
      [0, 1],
      [255, 2],
      [65_530, 10],
      [1000, 140_000],
      [153_599, 1],
    ] as const) {
      const read = await engine.read(tensor, start, count);
      expect(Buffer.from(read).equals(Buffer.from(all.slice(start, start + count).buffer))).toBe(true);
    }
  });

  it('is hashed, read and compared block by block, and cannot be edited or cast to', async () => {
    const bytes = blocks(bytesFor('q8_0', 64));
    const tensor = scratch.tensor('q8_0', [2, 32], bytes);
    expect(Buffer.from(await engine.read(tensor, 32, 32)).equals(bytes.subarray(34))).toBe(true);
    await expect(engine.read(tensor, 8, 32)).rejects.toThrow(/multiples of 32/);
    const same = await engine.diff(tensor, scratch.tensor('q8_0', [2, 32], bytes, [TO_FLOAT32]));
    expect(same.changedCount).toBe(0);
    expect((await engine.diff(tensor, tensor)).identicalBytes).toBe(true);
    const at = { kind: 'set', ranges: [1, 5].map((start) => ({ start, count: 1, step: 1 })) } as const;
    const set = { ...at, data: Buffer.from(new Float32Array([1e30]).buffer).toString('base64') };
    const other = await engine.diff(tensor, scratch.tensor('q8_0', [2, 32], bytes, [TO_FLOAT32, set]));
    expect(other).toMatchObject({ changedCount: 1, firstIndex: 37, maxIndex: 37 });
    const float = scratch.tensor('float32', [32], new Uint8Array(128));
    const to = { kind: 'cast', dtype: 'q4_0' } as const;
    await expect(engine.hash({ ...float, steps: [to] })).rejects.toThrow(/Casting to q4_0 is not supported/);
    await expect(engine.hash({ ...tensor, steps: [{ kind: 'scale', factor: 2 }] })).rejects.toThrow(
      /cast it to another/,
    );
  });
});

it('the grids of ggml hold only points that its formats have', () => {
  const iq1 = unpackGrid('iq1');
  expect(iq1).toHaveLength(2048 * 8);
  expect(new Set(iq1)).toEqual(new Set([-1, 0, 1]));
  expect([...unpackGrid('iq2_xxs').subarray(0, 8)]).toEqual([8, 8, 8, 8, 8, 8, 8, 8]);
  expect([...unpackGrid('iq3_s').subarray(0, 4)]).toEqual([1, 1, 1, 1]);
});
