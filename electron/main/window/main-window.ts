import { BrowserWindow, nativeTheme, screen } from 'electron';
import { APP_ORIGIN } from '../navigation-policy.ts';
import { CONFINED_PREFERENCES, confine, confineSession } from './confine.ts';
import { type Bounds, LEAST_SIZE, placeWindow, type WindowState } from './placement.ts';
import type { RememberedState } from './remembered-state.ts';

const BACKGROUND = { dark: '#16181d', light: '#ffffff' };
/** Dragging a window moves it at every frame; where it comes to rest is written down. */
const REST_MS = 500;

/** The window of the program, where it was last time. */
export function createMainWindow(preload: string, state: WindowState | null): BrowserWindow {
  const window = new BrowserWindow({
    ...placeWindow(state?.bounds ?? null, workAreas()),
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: { ...CONFINED_PREFERENCES, preload },
  });
  confine(window.webContents);
  confineSession(window.webContents.session);
  window.once('ready-to-show', () => {
    if (state?.maximized) window.maximize();
    if (state?.fullScreen) window.setFullScreen(true);
    window.show();
  });
  return window;
}

export function showPage(window: BrowserWindow): Promise<void> {
  return window.loadURL(`${APP_ORIGIN}/`);
}

/** Writes down where the window rests; the last time when it closes. */
export function rememberPlace(window: BrowserWindow, remembered: RememberedState): void {
  let timer: NodeJS.Timeout | undefined;
  const store = (): void => {
    clearTimeout(timer);
    void remembered.store({
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
      fullScreen: window.isFullScreen(),
    });
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(store, REST_MS);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('close', store);
  window.on('closed', () => clearTimeout(timer));
}

/** The first display comes first. */
function workAreas(): readonly [Bounds, ...Bounds[]] {
  const { id, workArea } = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== id);
  return [workArea, ...others.map((display) => display.workArea)];
}
