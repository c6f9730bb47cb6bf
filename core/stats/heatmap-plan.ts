import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import { type Shape, stridesOf } from '../ndarray/shape.ts';
import type { HeatmapRequest } from './engine.ts';

/** Pixels of a picture each way. */
export const MAX_PIXELS = 1024;

/** One direction of the window: how many elements, how far apart, and on how many pixels they land. */
export interface PlanAxis {
  readonly count: number;
  readonly stride: number;
  readonly pixels: number;
}

/** Which elements of a window are read for which pixel. A line is a run along the inner axis, the one of the smaller stride. */
export interface HeatmapPlan {
  /** The element at the window's corner. */
  readonly first: number;
  readonly outer: PlanAxis;
  readonly inner: PlanAxis;
  readonly reduce: HeatmapRequest['reduce'];
  /** At most so many lines of each outer pixel are read, … */
  readonly linesPerPixel: number;
  /** … in groups of so many neighbours, evenly spread. */
  readonly groupLines: number;
  /** Of each line so many elements from the middle of every inner pixel; null for all. */
  readonly runElements: number | null;
}

/** Stored bytes that a quick picture may read to have all elements. */
export const WHOLE_BUDGET_BYTES = 64 * 2 ** 20;
/** Stored bytes that it reads where that is not enough, unless one line for each row of pixels takes more. */
export const SAMPLE_BUDGET_BYTES = 16 * 2 ** 20;

/** What a read of one element costs at least: the page it lies in. */
const PAGE_BYTES = 4096;
/** Elements wanted less far apart than this are faster read with what lies between than one by one, from cache and disk alike. */
const RUN_DISTANCE_BYTES = 2048;
/** Short lines are read in groups of about this size. */
const GROUP_BYTES = 65_536;
/** Elements of one line that are gathered for a row of pixels at most, where lines are sampled. */
const MAX_SAMPLED_LINE = 65_536;

/** The elements that pixel `k` of an axis covers: `[start, stop)`, never empty. */
export function pixelSpan({ count, pixels }: PlanAxis, k: number): readonly [start: number, stop: number] {
  return [Math.floor((k * count) / pixels), Math.floor(((k + 1) * count) / pixels)];
}

/** Neighbouring lines, counted from the window's edge. */
export interface Lines {
  readonly first: number;
  readonly count: number;
}

/** The lines of one outer pixel that are read: all, or groups evenly spread over it. */
export function linesOfPixel(plan: HeatmapPlan, pixel: number): Lines[] {
  const [start, stop] = pixelSpan(plan.outer, pixel);
  const total = stop - start;
  const wanted = plan.reduce === 'sample' ? 1 : plan.linesPerPixel;
  if (wanted >= total) return [{ first: start, count: total }];
  const size = Math.min(plan.groupLines, wanted);
  const groups = Math.max(1, Math.floor(wanted / size));
  return Array.from({ length: groups }, (_, k) => ({
    first: start + Math.floor(((2 * k + 1) * (total - size)) / (2 * groups)),
    count: size,
  }));
}

/** The elements of an inner pixel that count: all, the middle one, or a run in the middle. */
export function wantedSpan(plan: HeatmapPlan, pixel: number): readonly [start: number, stop: number] {
  const [start, stop] = pixelSpan(plan.inner, pixel);
  const wanted = plan.reduce === 'sample' ? 1 : Math.min(plan.runElements ?? stop - start, stop - start);
  const from = start + Math.floor((stop - start - wanted) / 2);
  return [from, from + wanted];
}

interface Cost {
  readonly line: number;
  readonly element: number;
}

type Sampling = Pick<HeatmapPlan, 'linesPerPixel' | 'groupLines' | 'runElements'>;

function readAll(outer: PlanAxis): Sampling {
  const tallest = Math.ceil(outer.count / outer.pixels);
  return { linesPerPixel: tallest, groupLines: tallest, runElements: null };
}

/** What fits in the budget where all does not. */
function readSome(outer: PlanAxis, inner: PlanAxis, cost: Cost): Sampling {
  const tallest = Math.ceil(outer.count / outer.pixels);
  const lines = Math.floor(SAMPLE_BUDGET_BYTES / (outer.pixels * cost.line));
  if (lines >= 1) {
    const linesPerPixel = Math.min(lines, tallest);
    const groupLines = Math.min(linesPerPixel, Math.max(1, Math.floor(GROUP_BYTES / cost.line)));
    return { linesPerPixel, groupLines, runElements: null };
  }
  if (cost.line <= inner.pixels * RUN_DISTANCE_BYTES) return { linesPerPixel: 1, groupLines: 1, runElements: null };
  const affordable = Math.floor(SAMPLE_BUDGET_BYTES / (outer.pixels * inner.pixels * cost.element));
  const room = Math.floor(MAX_SAMPLED_LINE / inner.pixels);
  return { linesPerPixel: 1, groupLines: 1, runElements: Math.max(1, Math.min(affordable, room)) };
}

export interface PlannedHeatmap {
  readonly plan: HeatmapPlan;
  /** True where the outer axis runs across the picture, not down. */
  readonly transposed: boolean;
  readonly exact: boolean;
  /** About how many stored bytes will be read. */
  readonly readBytes: number;
}

/**
 * `request` has been checked against `shape`, that of one tensor or of two that are looked at together; `stored` is
 * what they are stored in.
 */
export function planHeatmap(shape: Shape, stored: readonly DType[], request: HeatmapRequest): PlannedHeatmap {
  const strides = stridesOf(shape);
  const { rowAxis, columnAxis, rows, columns } = request;
  const rowStride = rowAxis === null ? 0 : (strides[rowAxis] ?? 0);
  const columnStride = columnAxis === null ? 0 : (strides[columnAxis] ?? 0);
  let first = rows[0] * rowStride + columns[0] * columnStride;
  request.index.forEach((index, axis) => {
    if (axis !== rowAxis && axis !== columnAxis) first += index * (strides[axis] ?? 0);
  });
  const down = { count: rows[1] - rows[0], stride: rowStride, pixels: request.height };
  const across = { count: columns[1] - columns[0], stride: columnStride, pixels: request.width };
  const transposed = rowAxis !== null && columnAxis !== null && rowStride < columnStride;
  const [outer, inner] = transposed ? [across, down] : [down, across];

  const itemBytes = stored.map((dtype) => dtypeInfo(dtype).bits / 8);
  const element = sumOf(itemBytes.map((bytes) => Math.min(Math.max(inner.stride, 1) * bytes, PAGE_BYTES)));
  const cost = { element, line: inner.count * element };
  const fits = request.effort === 'exact' || outer.count * cost.line <= WHOLE_BUDGET_BYTES;
  const sampled = fits ? readAll(outer) : readSome(outer, inner, cost);
  const linesRead = Math.min(outer.count, outer.pixels * (request.reduce === 'sample' ? 1 : sampled.linesPerPixel));
  const lineBytes = sampled.runElements === null ? cost.line : inner.pixels * sampled.runElements * sumOf(itemBytes);
  return {
    plan: { first, outer, inner, reduce: request.reduce, ...sampled },
    transposed,
    exact: fits || request.reduce === 'sample',
    readBytes: linesRead * lineBytes,
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
