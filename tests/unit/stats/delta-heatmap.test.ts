import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DType, dtypeInfo } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { WHOLE_BUDGET_BYTES } from '../../../core/stats/heatmap-plan.ts';
import { pictureModel, request, requests } from './heatmap-model.ts';
import { scratchEngine } from './scratch-engine.ts';
import { bytesOf, random } from './support.ts';

const { scratch, engine } = scratchEngine(2);

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;
const SHAPE = [5, 23, 3, 31];
const COUNT = SHAPE.reduce((product, size) => product * size, 1);

/** Integers that every one of `DTYPES` has exactly. */
const LEAST = 0;
const MOST = 127;
const DTYPES = ['float16', 'bfloat16', 'int8', 'uint8', 'float32', 'int64', 'uint64', 'float64', 'complex64'] as const;

/** float32 values in a file, seen as another dtype by a cast. */
function tensor(values: Float32Array, shape: readonly number[], dtype: DType): LazyTensor {
  return { ...scratch.tensor('float32', shape, bytesOf(values)), steps: [{ kind: 'cast', dtype }] };
}

function row(dtype: DType, values: ArrayBufferView & { readonly length: number }): LazyTensor {
  const parts = dtypeInfo(dtype).kind === 'complex' ? 2 : 1;
  return scratch.tensor(dtype, [1, values.length / parts], bytesOf(values));
}

const wholeRow = (columns: number) => request({ rows: [0, 1], columns: [0, columns] });

describe('a heatmap of differences', () => {
  it('is the heatmap of a − b, whatever the dtypes, the window and the reduction', async () => {
    const next = random(11);
    const values = () => Float32Array.from({ length: COUNT }, () => LEAST + Math.floor(next() * (MOST - LEAST + 1)));
    const [a, b] = [values(), values()];
    const elements = Array.from(a, (x, k) => x - b[k]!);
    const moduli = elements.map(Math.abs);
    const dtype = fc.constantFrom(...DTYPES);
    await fc.assert(
      fc.asyncProperty(requests(SHAPE, ['mean', 'maxabs', 'sample']), dtype, dtype, async (asked, left, right) => {
        const picture = await engine.deltaHeatmap([tensor(a, SHAPE, left), tensor(b, SHAPE, right)], asked);
        const isComplex = left === 'complex64' || right === 'complex64';
        expect(Array.from(picture.values)).toEqual(pictureModel(isComplex ? moduli : elements, SHAPE, asked));
        expect(picture).toMatchObject({ height: asked.height, width: asked.width, exact: true });
      }),
      { numRuns: 150 },
    );
  });

  it('subtracts 64-bit integers exactly and rounds once', async () => {
    const huge = 2n ** 62n;
    const signed = [
      row('int64', BigInt64Array.of(huge + 1n, -huge, 2n ** 63n - 1n)),
      row('int64', BigInt64Array.of(huge, huge, -(2n ** 63n))),
    ] as const;
    const far = Number(2n ** 64n - 1n);
    expect(Array.from((await engine.deltaHeatmap(signed, wholeRow(3))).values)).toEqual([1, -(2 ** 63), far]);
    const unsigned = [
      row('uint64', BigUint64Array.of(2n ** 64n - 1n, 0n)),
      row('uint64', BigUint64Array.of(2n ** 64n - 2n, 2n ** 64n - 1n)),
    ] as const;
    expect(Array.from((await engine.deltaHeatmap(unsigned, wholeRow(2))).values)).toEqual([1, -far]);
  });

  it('is NaN where either is, nothing where equal infinities meet, and infinite where others do', async () => {
    const a = Float64Array.of(NAN, 1, NAN, INF, -INF, INF, 1, INF);
    const b = Float64Array.of(1, NAN, NAN, INF, -INF, -INF, INF, 1);
    const pair = [row('float64', a), row('float64', b)] as const;
    const { values } = await engine.deltaHeatmap(pair, wholeRow(8));
    expect(Array.from(values)).toEqual([NAN, NAN, NAN, 0, 0, INF, -INF, INF]);
  });

  it('takes the modulus of complex differences', async () => {
    const a = row('complex64', Float32Array.of(3, 4, 1, 1, NAN, 0));
    const b = row('complex64', Float32Array.of(0, 0, 1, 1, 0, 0));
    expect(Array.from((await engine.deltaHeatmap([a, b], wholeRow(3))).values)).toEqual([5, 0, NAN]);
    const real = row('int8', Int8Array.of(3, 2, 1));
    expect(Array.from((await engine.deltaHeatmap([real, b], wholeRow(3))).values)).toEqual([
      3,
      Math.fround(2 ** 0.5),
      1,
    ]);
  });

  it('has colours symmetric about zero unless told otherwise', async () => {
    const pair = [row('float32', Float32Array.of(1, 2, 3)), row('float32', Float32Array.of(4, 4, 4))] as const;
    expect(await engine.deltaHeatmap(pair, wholeRow(3))).toMatchObject({ range: [-3, 3], rangeChoice: 'symmetric' });
  });

  it('reads both tensors within one budget, whole ones and lines that are too long to read whole', async () => {
    for (const [rows, columns] of [
      [60_000, 8192],
      [3, 200_000_000],
    ] as const) {
      const region = scratch.sparse(rows * columns * 4);
      const zeros = { dtype: 'float32', shape: [rows, columns], region, steps: [] } as const;
      const ones = { ...zeros, steps: [{ kind: 'fill', element: 'AACAPw==' }] } as const;
      const asked = request({
        ...{ rows: [0, rows], columns: [0, columns], height: Math.min(200, rows), width: 200 },
      });
      let read = 0;
      const onProgress = (bytes: number): void => {
        read = bytes;
      };
      const picture = await engine.deltaHeatmap([zeros, ones], asked, { onProgress });
      expect(read).toBeLessThanOrEqual(WHOLE_BUDGET_BYTES * 1.1);
      expect(picture.exact).toBe(false);
      expect(picture.values.every((value) => value === -1)).toBe(true);
    }
  });

  it('of two shapes is refused', async () => {
    const a = scratch.tensor('int8', [2, 3], new Uint8Array(6));
    const b = scratch.tensor('int8', [3, 2], new Uint8Array(6));
    const asked = request({ rows: [0, 2], columns: [0, 2] });
    await expect(engine.deltaHeatmap([a, b], asked)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
