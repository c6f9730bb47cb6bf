import fc from 'fast-check';
import type { HeatmapRequest } from '../../../core/stats/engine.ts';

/** A heatmap of the whole of a matrix' window, one pixel an element, but for what `of` says. */
export function request(of: Partial<HeatmapRequest> & Pick<HeatmapRequest, 'rows' | 'columns'>): HeatmapRequest {
  return {
    rowAxis: 0,
    columnAxis: 1,
    index: [0, 0],
    height: of.rows[1] - of.rows[0],
    width: of.columns[1] - of.columns[0],
    reduce: 'mean',
    colorMap: 'diverging',
    range: null,
    ...of,
  };
}

/** The elements under a pixel, by the definition: an even split of the window. */
function underPixel([start, stop]: readonly [number, number], pixels: number, k: number): number[] {
  const count = stop - start;
  const from = start + Math.floor((k * count) / pixels);
  const to = start + Math.floor(((k + 1) * count) / pixels);
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function reduceModel(values: readonly number[], how: HeatmapRequest['reduce']): number {
  const numbers = values.filter((x) => !Number.isNaN(x));
  if (numbers.length === 0) return Number.NaN;
  if (how === 'maxabs') return Math.max(...numbers.map(Math.abs));
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

/** The picture of `elements`, those of a tensor of `shape` in C order, by the definition. */
export function pictureModel(elements: readonly number[], shape: readonly number[], asked: HeatmapRequest): number[] {
  const { rows, columns, height, width, index, rowAxis, columnAxis } = asked;
  return Array.from({ length: height * width }, (_, k) => {
    const under = underPixel(rows, height, Math.floor(k / width)).flatMap((row) =>
      underPixel(columns, width, k % width).map((column) => {
        const position = index.map((fixed, axis) => (axis === rowAxis ? row : axis === columnAxis ? column : fixed));
        return elements[position.reduce((at, i, axis) => at * shape[axis]! + i, 0)]!;
      }),
    );
    if (asked.reduce === 'sample') return Math.fround(middleOf(under, asked, k));
    return Math.fround(reduceModel(under, asked.reduce));
  });
}

/** The element in the middle of the pixel, of an even number the one before it. */
function middleOf(under: readonly number[], { rows, columns, height, width }: HeatmapRequest, k: number): number {
  const lines = underPixel(rows, height, Math.floor(k / width)).length;
  const length = underPixel(columns, width, k % width).length;
  return under[Math.floor((lines - 1) / 2) * length + Math.floor((length - 1) / 2)]!;
}

/** Any window of any two axes of a tensor of `shape`. */
export function requests(
  shape: readonly number[],
  reductions: readonly HeatmapRequest['reduce'][],
): fc.Arbitrary<HeatmapRequest> {
  const window = (size: number) =>
    fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.double({ min: 0, max: 1, noNaN: true })).map(([a, b, part]) => {
      const [start, stop] = [Math.min(a, b), Math.max(a, b) + 1];
      return { window: [start, stop] as const, pixels: 1 + Math.floor(part * (stop - start - 1)) };
    });
  const axis = fc.nat(shape.length - 1);
  return fc
    .tuple(axis, axis, fc.constantFrom(...reductions))
    .filter(([a, b]) => a !== b)
    .chain(([rowAxis, columnAxis, reduce]) =>
      fc
        .record({
          rows: window(shape[rowAxis]!),
          columns: window(shape[columnAxis]!),
          index: fc.tuple(...shape.map((size) => fc.nat(size - 1))),
        })
        .map(({ rows, columns, index }) =>
          request({
            ...{ rowAxis, columnAxis, reduce, index },
            ...{ rows: rows.window, columns: columns.window, height: rows.pixels, width: columns.pixels },
          }),
        ),
    );
}
