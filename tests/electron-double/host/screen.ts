import { refusing } from '../refusal.ts';
import { KnownEvents } from './known-events.ts';
import type { Rectangle } from './window-options.ts';

/** One display, its upper edge taken by a panel of 40 pixels. */
export const DISPLAY = {
  id: 1,
  label: 'Double',
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
  size: { width: 1920, height: 1080 },
  workArea: { x: 0, y: 40, width: 1920, height: 1040 },
  workAreaSize: { width: 1920, height: 1040 },
  scaleFactor: 1,
  rotation: 0,
  internal: false,
} as const;

class Screen extends KnownEvents {
  constructor() {
    super('screen', ['display-added', 'display-removed', 'display-metrics-changed']);
  }

  getPrimaryDisplay = (): typeof DISPLAY => DISPLAY;
  getAllDisplays = (): (typeof DISPLAY)[] => [DISPLAY];
  getDisplayMatching = (_bounds: Rectangle): typeof DISPLAY => DISPLAY;
  getDisplayNearestPoint = (_point: { readonly x: number; readonly y: number }): typeof DISPLAY => DISPLAY;
  getCursorScreenPoint = (): { readonly x: number; readonly y: number } => ({ x: 0, y: 0 });
}

export const screen = refusing('screen', new Screen());
