import type { BrowserWindowConstructorOptions } from 'electron';
import { checkOptions } from '../refusal.ts';

const OPTIONS = [
  'width',
  'height',
  'x',
  'y',
  'minWidth',
  'minHeight',
  'show',
  'title',
  'icon',
  'parent',
  'modal',
  'autoHideMenuBar',
  'backgroundColor',
  'useContentSize',
  'center',
  'resizable',
  'minimizable',
  'maximizable',
  'closable',
  'focusable',
  'fullscreen',
  'fullscreenable',
  'skipTaskbar',
  'paintWhenInitiallyHidden',
  'frame',
  'titleBarStyle',
  'trafficLightPosition',
  'tabbingIdentifier',
  'webPreferences',
] as const;

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Bounds as Electron gives them to a new window: 800 by 600, centred on the one display. */
export function boundsOf(options: BrowserWindowConstructorOptions, area: Rectangle): Rectangle {
  checkOptions('BrowserWindow', options, OPTIONS);
  const { width = 800, height = 600 } = options;
  const x = options.x ?? area.x + Math.round((area.width - width) / 2);
  const y = options.y ?? area.y + Math.round((area.height - height) / 2);
  return { x, y, width, height };
}
