import { appendFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFor } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { COLOR_MAPS, HEATMAP_RANGES, type Heatmap, type HeatmapRequest } from '../../../core/stats/engine.ts';
import {
  linesOfPixel,
  planHeatmap,
  SAMPLE_BUDGET_BYTES,
  WHOLE_BUDGET_BYTES,
} from '../../../core/stats/heatmap-plan.ts';
import { pictureModel, request, requests } from './heatmap-model.ts';
import { decodeAll, toNumber } from './model.ts';
import { scratchEngine } from './scratch-engine.ts';
import { bytesOf, random } from './support.ts';

const { scratch, engine } = scratchEngine(2);

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;

const SHAPE = [5, 23, 3, 31];

describe('a heatmap', () => {
  it('reduces any window of any two axes as defined', async () => {
    const count = SHAPE.reduce((product, size) => product * size, 1);
    const next = random(4);
    const bytes = bytesOf(Uint16Array.from({ length: count }, () => Math.floor(next() * 65_536)));
    const elements = decodeAll('float16', bytes, count).map(toNumber);
    const tensor = scratch.tensor('float16', SHAPE, bytes);
    await fc.assert(
      fc.asyncProperty(requests(SHAPE, ['mean', 'maxabs']), async (asked) => {
        const picture = await engine.heatmap(tensor, asked);
        const { height, width } = asked;
        // Sums of float16 are exact in float64, whatever their order.
        expect(Array.from(picture.values)).toEqual(pictureModel(elements, SHAPE, asked));
        expect(picture).toMatchObject({ height, width, exact: true });
        expect(picture.rgba).toHaveLength(height * width * 4);
      }),
      { numRuns: 80 },
    );
  });

  it('samples the element in the middle of each pixel', async () => {
    const values = Int32Array.from({ length: 100 * 90 }, (_, k) => k);
    const tensor = scratch.tensor('int32', [100, 90], bytesOf(values));
    const picture = await engine.heatmap(
      tensor,
      request({ rows: [0, 100], columns: [0, 90], height: 20, width: 30, reduce: 'sample' }),
    );
    const expected = Array.from({ length: 600 }, (_, k) => (Math.floor(k / 30) * 5 + 2) * 90 + (k % 30) * 3 + 1);
    expect(Array.from(picture.values)).toEqual(expected);
  });

  it('shows vectors as one row, scalars as one pixel, and complex values by modulus', async () => {
    const vector = scratch.tensor('complex64', [3], bytesOf(Float32Array.of(3, 4, -5, 0, 0, 0)));
    const row = { rowAxis: null, columnAxis: 0, index: [0], rows: [0, 1], columns: [0, 3] } as const;
    expect(Array.from((await engine.heatmap(vector, request(row))).values)).toEqual([5, 5, 0]);
    const column = { rowAxis: 0, columnAxis: null, index: [0], rows: [1, 3], columns: [0, 1] } as const;
    expect(Array.from((await engine.heatmap(vector, request(column))).values)).toEqual([5, 0]);
    const scalar = scratch.tensor('int64', [], bytesOf(BigInt64Array.of(-7n)));
    const pixel = { rowAxis: null, columnAxis: null, index: [], rows: [0, 1], columns: [0, 1] } as const;
    expect(await engine.heatmap(scalar, request(pixel))).toMatchObject({ height: 1, width: 1, range: [-7, 7] });
  });

  it('takes lines longer than a chunk', async () => {
    const values = Float32Array.from({ length: 2 * 200_000 }, (_, k) => Math.floor(k / 1000) % 200);
    const tensor = scratch.tensor('float32', [2, 200_000], bytesOf(values));
    const asked = request({ rows: [0, 2], columns: [0, 200_000], height: 1, width: 200 });
    const picture = await engine.heatmap(tensor, asked);
    expect(Array.from(picture.values)).toEqual(Array.from({ length: 200 }, (_, k) => k));
  });

  it('keeps within its read budget where the window is larger, and says so', async () => {
    for (const [shape, axes] of [
      [
        [60_000, 8192],
        [0, 1],
      ],
      [
        [8192, 60_000],
        [1, 0],
      ],
      [
        [1_000_000, 40],
        [0, 1],
      ],
      [
        [40_000_000, 4],
        [0, 1],
      ],
      [
        [3, 200_000_000],
        [0, 1],
      ],
    ] as const) {
      const tensor = { dtype: 'float32', shape, region: scratch.sparse(shape[0] * shape[1] * 4), steps: [] } as const;
      const sizes = [shape[axes[0]]!, shape[axes[1]]!] as const;
      const asked = request({
        rowAxis: axes[0],
        columnAxis: axes[1],
        rows: [0, sizes[0]],
        columns: [0, sizes[1]],
        height: Math.min(256, sizes[0]),
        width: Math.min(256, sizes[1]),
      });
      let read = 0;
      const picture = await engine.heatmap(tensor, asked, {
        onProgress: (bytes) => {
          read = bytes;
        },
      });
      expect(read).toBeLessThanOrEqual(WHOLE_BUDGET_BYTES * 1.1);
      expect(picture.exact).toBe(false);
      expect(picture.values.every((value) => value === 0)).toBe(true);
    }
  });

  it('is exact where it is told to read all', async () => {
    const tensor = { dtype: 'int8', shape: [40_000, 4000], region: scratch.sparse(160e6), steps: [] } as const;
    const asked = request({ rows: [0, 40_000], columns: [0, 4000], height: 64, width: 64 });
    expect((await engine.heatmap(tensor, asked)).exact).toBe(false);
    let read = 0;
    const picture = await engine.heatmap(
      { ...tensor },
      { ...asked, effort: 'exact' },
      { onProgress: (n) => (read = n) },
    );
    expect(picture.exact).toBe(true);
    expect(read).toBe(160e6);
  });

  it('stops reading where it is cancelled', async () => {
    const shape = [1_500_000, 8192] as const;
    const tensor = { dtype: 'int8', shape, region: scratch.sparse(shape[0] * shape[1]), steps: [] } as const;
    const asked = request({ rows: [0, shape[0]], columns: [0, shape[1]], height: 256, width: 256, effort: 'exact' });
    const stop = new AbortController();
    const picture = engine.heatmap(tensor, asked, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(picture).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('reads whole lines where single reads would cost more, and runs where they would not', () => {
    const wide = request({ rows: [0, 8192], columns: [0, 150_000], height: 1024, width: 1024 });
    expect(planHeatmap([8192, 150_000], ['float32'], wide)).toMatchObject({
      exact: false,
      plan: { linesPerPixel: 1, runElements: null },
    });
    const wider = { ...wide, columns: [0, 10_000_000] as const };
    expect(planHeatmap([8192, 10_000_000], ['float32'], wider)).toMatchObject({
      exact: false,
      plan: { linesPerPixel: 1, runElements: 4 },
    });
  });

  it('spreads what it samples evenly over each pixel', () => {
    const asked = request({ rows: [0, 1_000_000], columns: [0, 64], height: 10, width: 64 });
    const { plan, exact } = planHeatmap([1_000_000, 64], ['float32'], asked);
    expect(exact).toBe(false);
    const lines = linesOfPixel(plan, 3);
    const read = lines.reduce((sum, group) => sum + group.count, 0);
    expect(read * 10 * 64 * 4).toBeLessThanOrEqual(SAMPLE_BUDGET_BYTES);
    expect(read).toBeGreaterThan(5000);
    const middle = lines.reduce((sum, { first, count }) => sum + first + count / 2, 0) / lines.length;
    expect(middle).toBeGreaterThan(340_000);
    expect(middle).toBeLessThan(360_000);
    lines.forEach((group, k) => {
      const before = lines[k - 1];
      expect(group.first).toBeGreaterThanOrEqual(before ? before.first + before.count : 300_000);
    });
  });
});

describe('the colours of a heatmap', () => {
  const VALUES = Float32Array.of(-4, -2, 0, 1, 2, NAN, INF, -INF);

  function pixel(picture: Heatmap, k: number): number[] {
    return Array.from(picture.rgba.subarray(4 * k, 4 * k + 4));
  }

  async function coloured(of: Partial<HeatmapRequest>): Promise<Heatmap> {
    const tensor = scratch.tensor('float32', [1, VALUES.length], bytesOf(VALUES));
    return engine.heatmap(tensor, request({ rows: [0, 1], columns: [0, VALUES.length], ...of }));
  }

  it('are symmetric about zero for a diverging map, else span the finite values', async () => {
    expect((await coloured({})).range).toEqual([-4, 4]);
    expect((await coloured({ colorMap: 'sequential' })).range).toEqual([-4, 2]);
    expect((await coloured({ colorMap: 'gray', range: [0, 1] })).range).toEqual([0, 1]);
  });

  it('span what a choice of range says, and the picture says which', async () => {
    const ramp = Float32Array.from({ length: 1000 }, (_, k) => (k === 999 ? 1e6 : k));
    const tensor = scratch.tensor('float32', [1, 1000], bytesOf(ramp));
    const of = (asked: Partial<HeatmapRequest>) =>
      engine.heatmap(tensor, request({ rows: [0, 1], columns: [0, 1000], ...asked }));
    expect(await of({ range: 'full' })).toMatchObject({ range: [0, 1e6], rangeChoice: 'full' });
    expect(await of({ range: 'symmetric' })).toMatchObject({ range: [-1e6, 1e6], rangeChoice: 'symmetric' });
    expect(await of({ range: [2, 3] })).toMatchObject({ range: [2, 3], rangeChoice: 'given' });
    const robust = await of({ range: 'robust', colorMap: 'gray' });
    expect(robust.rangeChoice).toBe('robust');
    expect(robust.range[0] / 9.99).toBeCloseTo(1, 1);
    expect(robust.range[1] / 989).toBeCloseTo(1, 1);
    const diverging = await of({ range: 'robust' });
    expect(diverging.range).toEqual([-robust.range[1], robust.range[1]]);
  });

  it('span nothing where nothing is finite, whatever the choice', async () => {
    const tensor = scratch.tensor('float32', [1, 3], bytesOf(Float32Array.of(NAN, INF, -INF)));
    for (const range of HEATMAP_RANGES) {
      const picture = await engine.heatmap(tensor, request({ rows: [0, 1], columns: [0, 3], range }));
      expect(picture).toMatchObject({ range: [0, 0], rangeChoice: range });
    }
  });

  it('change without another read, and after an edit or a change of the file with one', async () => {
    const values = Float32Array.from({ length: 600_000 }, (_, k) => k);
    const tensor = scratch.tensor('float32', [600, 1000], bytesOf(values));
    const asked = request({ rows: [0, 600], columns: [0, 1000], height: 60, width: 50 });
    const read = async (of: LazyTensor, more: Partial<HeatmapRequest>): Promise<number> => {
      let bytes = 0;
      await engine.heatmap(of, { ...asked, ...more }, { onProgress: (done) => (bytes = done) });
      return bytes;
    };
    expect(await read(tensor, {})).toBe(2_400_000);
    expect(await read(tensor, { colorMap: 'gray', range: 'robust' })).toBe(0);
    expect(await read(tensor, { reduce: 'maxabs' })).toBe(2_400_000);
    expect(await read({ ...tensor, steps: [{ kind: 'scale', factor: 2 }] }, {})).toBe(2_400_000);
    appendFileSync(tensor.region.path, 'more');
    await expect(engine.heatmap(tensor, asked)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  });

  it('run from end to end of the map and stay there outside the range', async () => {
    const picture = await coloured({ colorMap: 'gray', range: [-2, 2] });
    expect([0, 1, 2, 4].map((k) => pixel(picture, k)[0])).toEqual([0, 0, 128, 255]);
    expect(picture.rgba.filter((_, k) => k % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  });

  it('mark NaN and both infinities with colours that no map has', async () => {
    const ramp = Float32Array.from({ length: 256 }, (_, k) => k);
    const tensor = scratch.tensor('float32', [1, 256], bytesOf(ramp));
    for (const colorMap of COLOR_MAPS) {
      const specials = [5, 6, 7].map((k) => [colorMap, k] as const);
      const marked = await coloured({ colorMap });
      const map = await engine.heatmap(tensor, request({ rows: [0, 1], columns: [0, 256], colorMap, range: [0, 255] }));
      for (const [, k] of specials) {
        const colour = pixel(marked, k);
        const others = [...Array.from({ length: 256 }, (_, at) => pixel(map, at))];
        for (const other of specials) if (other[1] !== k) others.push(pixel(marked, other[1]));
        const nearest = Math.min(...others.map((other) => Math.hypot(...other.map((c, i) => c - colour[i]!))));
        expect(nearest).toBeGreaterThan(60);
      }
    }
  });

  it('of one value are the middle of the map', async () => {
    const tensor = scratch.tensor('float32', [1, 2], bytesOf(Float32Array.of(3, 3)));
    const picture = await engine.heatmap(tensor, request({ rows: [0, 1], columns: [0, 2], colorMap: 'gray' }));
    expect(picture.range).toEqual([3, 3]);
    expect(pixel(picture, 0)).toEqual([128, 128, 128, 255]);
  });
});

describe('a heatmap request', () => {
  it('that names no window of the tensor is refused', async () => {
    const tensor = scratch.tensor('float32', [4, 6], new Uint8Array(bytesFor('float32', 24)));
    const good = request({ rows: [0, 4], columns: [0, 6] });
    for (const bad of [
      { rowAxis: 2 },
      { columnAxis: 0 },
      { index: [0] },
      { rows: [2, 2] as const },
      { columns: [0, 7] as const },
      { height: 5 },
      { width: 0 },
      { range: [1, 0] as const },
      { range: [0, NAN] as const },
      { rowAxis: null, height: 1 },
      { rowAxis: null, rows: [0, 1] as const, height: 1, index: [4, 0] },
    ]) {
      await expect(engine.heatmap(tensor, { ...good, ...bad })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});
