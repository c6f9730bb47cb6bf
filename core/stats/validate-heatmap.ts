import { InvalidArgumentError } from '../errors.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import type { HeatmapRequest } from './engine.ts';
import { MAX_PIXELS } from './heatmap-plan.ts';

function checkAxes({ rowAxis, columnAxis }: HeatmapRequest, shape: Shape): void {
  for (const axis of [rowAxis, columnAxis]) {
    if (axis === null || (Number.isInteger(axis) && axis >= 0 && axis < shape.length)) continue;
    throw new InvalidArgumentError(`A tensor of shape ${formatShape(shape)} has no axis ${axis}.`);
  }
  if (rowAxis !== null && rowAxis === columnAxis) {
    throw new InvalidArgumentError(`Rows and columns cannot both run along axis ${rowAxis}.`);
  }
}

function checkIndex({ rowAxis, columnAxis, index }: HeatmapRequest, shape: Shape): void {
  if (index.length !== shape.length) {
    throw new InvalidArgumentError(
      `A tensor of shape ${formatShape(shape)} wants one index per axis, not ${index.length}.`,
    );
  }
  index.forEach((value, axis) => {
    const size = shape[axis] ?? 0;
    if (axis === rowAxis || axis === columnAxis || (Number.isInteger(value) && value >= 0 && value < size)) return;
    throw new InvalidArgumentError(`Axis ${axis} of size ${size} has no index ${value}.`, { axis, size, value });
  });
}

function checkWindow(
  window: readonly [number, number],
  { name, size, pixels }: { name: string; size: number; pixels: number },
): void {
  const [start, stop] = window;
  if (!Number.isInteger(start) || !Number.isInteger(stop) || start < 0 || stop <= start || stop > size) {
    throw new InvalidArgumentError(`The ${name} [${start}, ${stop}) are not a window of ${size}.`);
  }
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > Math.min(MAX_PIXELS, stop - start)) {
    throw new InvalidArgumentError(
      `${pixels} pixels for ${stop - start} ${name}: a picture has 1 to ${MAX_PIXELS} each way and no more than its window has elements.`,
    );
  }
}

/** Throws unless `request` names a window of a tensor of this shape. */
export function checkHeatmap(request: HeatmapRequest, shape: Shape): void {
  const { rowAxis, columnAxis, range } = request;
  checkAxes(request, shape);
  checkIndex(request, shape);
  const size = (axis: number | null): number => (axis === null ? 1 : (shape[axis] ?? 0));
  checkWindow(request.rows, { name: 'rows', size: size(rowAxis), pixels: request.height });
  checkWindow(request.columns, { name: 'columns', size: size(columnAxis), pixels: request.width });
  if (
    range !== null &&
    typeof range !== 'string' &&
    !(Number.isFinite(range[0]) && Number.isFinite(range[1]) && range[0] <= range[1])
  ) {
    throw new InvalidArgumentError(
      `A colour range wants two finite numbers, the lower first, not ${range.join(', ')}.`,
    );
  }
}
