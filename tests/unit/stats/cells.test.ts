import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFor, type DType, dtypeInfo, ELEMENT_DTYPES } from '../../../core/ndarray/dtype.ts';
import type { AxisRange } from '../../../core/ndarray/lazy-tensor.ts';
import type { CellBlock } from '../../../core/stats/engine.ts';
import { decodeAll, decodeElement, type Element, sameElement } from './model.ts';
import { scratchEngine } from './scratch-engine.ts';
import { base64, bytesOf, random, regionOf } from './support.ts';

const { scratch, engine } = scratchEngine(1);

function elementsOf(block: CellBlock): Element[] {
  const count = block.shape.reduce((product, size) => product * size, 1);
  return decodeAll(block.encoding, block.bytes, count);
}

/** The C-order positions of a slice. */
function positions(shape: readonly number[], ranges: readonly AxisRange[]): number[] {
  let result = [0];
  shape.forEach((size, axis) => {
    const { start, count, step } = ranges[axis]!;
    const indices = Array.from({ length: count }, (_, k) => start + k * step);
    result = result.flatMap((base) => indices.map((index) => base * size + index));
  });
  return result;
}

const axisRange = (size: number) =>
  fc
    .record({ from: fc.nat(size - 1), to: fc.nat(size - 1), by: fc.integer({ min: 1, max: 5 }) })
    .map(({ from, to, by }) => ({
      start: from,
      count: Math.floor(Math.abs(to - from) / by) + 1,
      step: to < from ? -by : by,
    }));

describe('cells', () => {
  it('give the elements of any basic slice of any dtype', async () => {
    const cases = fc
      .record({
        dtype: fc.constantFrom(...ELEMENT_DTYPES),
        shape: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
        seed: fc.nat(),
      })
      .chain(({ dtype, shape, seed }) =>
        fc.record({
          dtype: fc.constant(dtype),
          shape: fc.constant(shape),
          seed: fc.constant(seed),
          ranges: fc.tuple(...shape.map(axisRange)),
        }),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ({ dtype, shape, seed, ranges }) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const next = random(seed);
        const bytes = Uint8Array.from({ length: bytesFor(dtype, count) }, () => Math.floor(next() * 256));
        const block = await engine.cells(scratch.tensor(dtype, shape, bytes), ranges);
        const expected = positions(shape, ranges).map((position) => decodeElement(dtype, bytes, position));
        expect(block.shape).toEqual(ranges.map((range) => range.count));
        const actual = elementsOf(block);
        expect(actual.findIndex((value, k) => !sameElement(value, expected[k]!))).toBe(-1);
        expect(actual).toHaveLength(expected.length);
      }),
      { numRuns: 150 },
    );
  });

  it('name the encoding that shows a dtype exactly', async () => {
    for (const [dtype, encoding] of [
      ['int64', 'int64'],
      ['uint64', 'uint64'],
      ['uint32', 'float64'],
      ['bool', 'float64'],
      ['complex64', 'complex128'],
    ] as const) {
      const block = await engine.cells(scratch.tensor(dtype, [1], new Uint8Array(dtypeInfo(dtype).bits / 8)), [
        { start: 0, count: 1, step: 1 },
      ]);
      expect(block).toMatchObject({ dtype, encoding, shape: [1] });
    }
  });

  it('gather across chunk borders, backwards and with gaps', async () => {
    const values = Int32Array.from({ length: 300_000 }, (_, k) => k * 3);
    const tensor = scratch.tensor('int32', [300, 1000], bytesOf(values));
    for (const ranges of [
      [range(299, 300, -1), range(999, 1000, -1)],
      [range(0, 300, 1), range(7, 200, 3)],
      [range(0, 150, 2), range(0, 1000, 1)],
      [range(5, 1, 1), range(0, 2, 999)],
    ]) {
      const expected = positions([300, 1000], ranges).map((position) => position * 3);
      expect(elementsOf(await engine.cells(tensor, ranges))).toEqual(expected);
    }
  });

  it('see the edits', async () => {
    const tensor = scratch.tensor('float32', [2, 2], bytesOf(Float32Array.of(1, 2, 3, 4)), [
      { kind: 'set', ranges: [range(1, 1, 1), range(0, 2, 1)], data: base64(Float32Array.of(7)) },
      { kind: 'cast', dtype: 'int64' },
    ]);
    const block = await engine.cells(tensor, [range(0, 2, 1), range(0, 2, 1)]);
    expect(elementsOf(block)).toEqual([1n, 2n, 7n, 7n]);
  });

  it('of an empty slice are none', async () => {
    const block = await engine.cells(scratch.tensor('float32', [0, 4], new Uint8Array(0)), [
      range(0, 0, 1),
      range(0, 4, 1),
    ]);
    expect(block).toMatchObject({ shape: [0, 4] });
    expect(block.bytes).toHaveLength(0);
  });

  it('read a window of a large matrix and not the matrix', async () => {
    const [rows, columns] = [150_000, 8192];
    const tensor = sparse('float32', [rows, columns], 8 + rows * columns * 4, []);
    let read = 0;
    await engine.cells(tensor, [range(149_000, 64, 1), range(4000, 32, 1)], {
      onProgress: (bytes) => {
        read = bytes;
      },
    });
    expect(read).toBe(64 * 32 * 4);
  });
});

describe('beyond 4 GiB', () => {
  it('positions of bytes and of elements are exact', async () => {
    const count = 5 * 2 ** 30 + 3;
    const tail = Uint8Array.of(11, 12, 13);
    const tensor = sparse('uint8', [count], 8 + count, [[8 + count - 3, tail]]);
    const last = await engine.cells(tensor, [range(count - 1, 4, -1)]);
    expect(elementsOf(last)).toEqual([13, 12, 11, 0]);
    expect(await engine.read(tensor, count - 3, 3)).toEqual(tail);
    const set = { kind: 'set', ranges: [range(count - 2, 1, 1)], data: base64(Uint8Array.of(99)) } as const;
    const edited = await engine.cells({ ...tensor, steps: [set] }, [range(count - 3, 3, 1)]);
    expect(elementsOf(edited)).toEqual([11, 99, 13]);
  });
});

function range(start: number, count: number, step: number): AxisRange {
  return { start, count, step };
}

/** A tensor at offset 8 of a file of `size` bytes that takes no room on disk but for `parts`. */
function sparse(
  dtype: DType,
  shape: readonly number[],
  size: number,
  parts: readonly (readonly [position: number, bytes: Uint8Array])[],
) {
  const path = scratch.path();
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  for (const [position, bytes] of parts) writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
  return { dtype, shape, region: regionOf(path, 8), steps: [] };
}
