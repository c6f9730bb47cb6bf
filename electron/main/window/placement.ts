import { z } from 'zod';

/** How the window lay when it was last used. */
export const windowStateSchema = z.object({
  version: z.literal(1),
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() }),
  maximized: z.boolean(),
  fullScreen: z.boolean(),
});

export type WindowState = z.infer<typeof windowStateSchema>;
export type Bounds = WindowState['bounds'];

export const DEFAULT_SIZE = { width: 1440, height: 900 };
export const LEAST_SIZE = { width: 900, height: 560 };

/** So much of the top of the window must be on a display that one can take hold of it. */
const GRIP = { width: 120, height: 32 };

/**
 * Where to put the window, in screen coordinates: where it was, if one can still take hold of it there
 * and see all of it, else in the middle of the first display. Never larger than the display.
 */
export function placeWindow(wanted: Bounds | null, workAreas: readonly [Bounds, ...Bounds[]]): Bounds {
  const home = wanted ? workAreas.find((area) => isReachable(wanted, area)) : undefined;
  const area = home ?? workAreas[0];
  const width = clamp(wanted?.width ?? DEFAULT_SIZE.width, LEAST_SIZE.width, area.width);
  const height = clamp(wanted?.height ?? DEFAULT_SIZE.height, LEAST_SIZE.height, area.height);
  if (wanted && home) {
    return {
      x: clamp(wanted.x, home.x, home.x + home.width - width),
      y: clamp(wanted.y, home.y, home.y + home.height - height),
      width,
      height,
    };
  }
  return {
    x: area.x + Math.max(0, Math.round((area.width - width) / 2)),
    y: area.y + Math.max(0, Math.round((area.height - height) / 2)),
    width,
    height,
  };
}

function isReachable(window: Bounds, area: Bounds): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const down = Math.min(window.y + GRIP.height, area.y + area.height) - Math.max(window.y, area.y);
  return across >= GRIP.width && down >= GRIP.height;
}

/** Within the two, and the upper end where they cross: a display may be smaller than the least window. */
function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
