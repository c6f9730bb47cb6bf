import type { BrowserWindowConstructorOptions } from 'electron';
import { faceOf, refusingClass } from '../refusal.ts';
import { pressed } from './accelerator.ts';
import { WINDOW_EVENTS } from './events.ts';
import { KnownEvents, preventable } from './known-events.ts';
import type { Menu } from './menu.ts';
import { DISPLAY } from './screen.ts';
import { WebContents } from './web-contents.ts';
import { boundsOf, type Rectangle } from './window-options.ts';

let lastId = 0;
const windows = new Map<number, DoubledWindow>();
/** Told by the app of what concerns all windows. */
export const windowHooks = {
  onCreated: (_window: object): void => {},
  onClosed: (_remaining: number): void => {},
  menu: (): Menu | null => null,
};

class DoubledWindow extends KnownEvents {
  readonly id = ++lastId;
  readonly webContents: WebContents;
  private bounds: Rectangle;
  private normal: Rectangle;
  private minimum: readonly [number, number];
  private titleNow: string;
  private visible: boolean;
  private focused = false;
  private state: 'normal' | 'maximized' | 'minimized' | 'fullscreen' = 'normal';
  private gone = false;
  private shown = false;
  private closing = false;
  private menuBar: boolean;
  /** From -1 (none) to 1, above 1 for indeterminate. */
  private progress = -1;
  private ownMenu: Menu | null | undefined;

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super('BrowserWindow', WINDOW_EVENTS);
    this.bounds = boundsOf(options, DISPLAY.workArea);
    this.normal = this.bounds;
    this.minimum = [options.minWidth ?? 0, options.minHeight ?? 0];
    this.titleNow = options.title ?? 'Parascope';
    this.visible = options.show ?? true;
    this.menuBar = !(options.autoHideMenuBar ?? false);
    const raw = new WebContents(options.webPreferences ?? {}, {
      onReadyToShow: () => this.readyToShow(),
      onTitle: (title) => this.retitle(title),
      onClosed: () => this.finish(),
      onZoom: () => this.resizePage(),
      onKey: (press) => pressed(press, this.ownMenu === undefined ? windowHooks.menu() : this.ownMenu, this.face),
    });
    this.webContents = faceOf('webContents', raw);
    windows.set(this.id, this);
    this.resizePage();
    if (options.fullscreen) this.state = 'fullscreen';
    setImmediate(() => windowHooks.onCreated(this.face));
  }

  private get face(): DoubledWindow {
    return faceOf('BrowserWindow', this);
  }

  static getAllWindows = (): DoubledWindow[] => [...windows.values()].map((window) => window.face);
  static getFocusedWindow = (): DoubledWindow | null =>
    [...windows.values()].find((window) => window.focused)?.face ?? null;
  static fromId = (id: number): DoubledWindow | null => windows.get(id)?.face ?? null;
  static fromWebContents = (contents: WebContents): DoubledWindow | null =>
    [...windows.values()].find((window) => window.webContents.id === contents.id)?.face ?? null;

  loadURL = (url: string): Promise<void> => this.webContents.loadURL(url);
  reload = (): void => this.webContents.reload();

  close(): void {
    if (this.gone || this.closing) return;
    const event = preventable({});
    this.emit('close', event);
    if (event.defaultPrevented || this.gone) return;
    this.closing = true;
    this.webContents.page.close(true).then(
      () => {
        this.closing = false;
      },
      (error: unknown) => console.error(error),
    );
  }

  destroy(): void {
    if (this.gone) return;
    this.webContents.page.close(false).catch((error: unknown) => console.error(error));
    this.finish();
  }

  show(): void {
    this.showInactive();
    this.focus();
  }
  showInactive(): void {
    this.change(!this.visible, 'show', () => {
      this.visible = true;
    });
  }
  hide(): void {
    this.blur();
    this.change(this.visible, 'hide', () => {
      this.visible = false;
    });
  }
  focus(): void {
    for (const other of windows.values()) if (other !== this && other.id !== this.id) other.blur();
    this.change(!this.focused && this.visible, 'focus', () => {
      this.focused = true;
      this.webContents.focus();
    });
  }
  blur(): void {
    this.change(this.focused, 'blur', () => {
      this.focused = false;
    });
  }
  maximize(): void {
    this.visible = true;
    this.change(this.state !== 'maximized', 'maximize', () => this.enter('maximized', DISPLAY.workArea));
  }
  unmaximize(): void {
    this.change(this.state === 'maximized', 'unmaximize', () => this.enter('normal', this.normal));
  }
  minimize(): void {
    this.change(this.state !== 'minimized', 'minimize', () => {
      this.state = 'minimized';
    });
  }
  restore(): void {
    this.change(this.state !== 'normal', 'restore', () => this.enter('normal', this.normal));
  }
  setFullScreen(full: boolean): void {
    if (full) this.change(!this.isFullScreen(), 'enter-full-screen', () => this.enter('fullscreen', DISPLAY.bounds));
    else this.change(this.isFullScreen(), 'leave-full-screen', () => this.enter('normal', this.normal));
  }
  isVisible = (): boolean => this.visible;
  isFocused = (): boolean => this.focused;
  isMaximized = (): boolean => this.state === 'maximized';
  isMinimized = (): boolean => this.state === 'minimized';
  isFullScreen = (): boolean => this.state === 'fullscreen';
  isNormal = (): boolean => this.state === 'normal';
  isDestroyed = (): boolean => this.gone;
  /** Not Electron's: its page has been told to unload. */
  get isClosing(): boolean {
    return this.closing;
  }

  getBounds = (): Rectangle => ({ ...this.bounds });
  getContentBounds = (): Rectangle => ({ ...this.bounds });
  getNormalBounds = (): Rectangle => ({ ...this.normal });
  getSize = (): number[] => [this.bounds.width, this.bounds.height];
  getContentSize = (): number[] => this.getSize();
  getPosition = (): number[] => [this.bounds.x, this.bounds.y];
  getMinimumSize = (): readonly number[] => this.minimum;
  setBounds(bounds: Partial<Rectangle>): void {
    const [minWidth, minHeight] = this.minimum;
    const next = { ...this.bounds, ...bounds };
    this.bounds = { ...next, width: Math.max(minWidth, next.width), height: Math.max(minHeight, next.height) };
    if (this.state === 'normal') this.normal = this.bounds;
    this.resizePage();
    this.emit('resize');
    this.emit('move');
    this.emit('resized');
    this.emit('moved');
  }
  setSize = (width: number, height: number): void => this.setBounds({ width, height });
  setContentSize = (width: number, height: number): void => this.setBounds({ width, height });
  setPosition = (x: number, y: number): void => this.setBounds({ x, y });
  center(): void {
    const { x, y } = boundsOf({ width: this.bounds.width, height: this.bounds.height }, DISPLAY.workArea);
    this.setBounds({ x, y });
  }

  getTitle = (): string => this.titleNow;
  setTitle(title: string): void {
    this.titleNow = title;
  }
  setProgressBar(progress: number, _options: { readonly mode?: string } = {}): void {
    this.progress = progress;
  }
  /** Not Electron's: what a test reads where a person would look at the task bar. */
  get doubledProgress(): number {
    return this.progress;
  }
  setMenu(menu: Menu | null): void {
    this.ownMenu = menu;
  }
  removeMenu = (): void => this.setMenu(null);
  setMenuBarVisibility(visible: boolean): void {
    this.menuBar = visible;
  }
  isMenuBarVisible = (): boolean => this.menuBar;
  setAutoHideMenuBar(hide: boolean): void {
    this.menuBar = !hide;
  }

  private change(wanted: boolean, event: string, apply: () => void): void {
    if (!wanted || this.gone) return;
    apply();
    this.emit(event);
  }

  private enter(state: 'normal' | 'maximized' | 'fullscreen', bounds: Rectangle): void {
    this.state = state;
    this.bounds = bounds;
    this.resizePage();
  }

  private resizePage(): void {
    // A page that is zoomed in has less room for its CSS pixels.
    const factor = this.webContents.zoomFactor;
    const width = Math.round(this.bounds.width / factor);
    const height = Math.round(this.bounds.height / factor);
    this.webContents.page.perform(({ page }) => page.setViewportSize({ width, height }));
  }

  private readyToShow(): void {
    if (this.shown) return;
    this.shown = true;
    this.emit('ready-to-show');
  }

  private retitle(title: string): void {
    const event = preventable({});
    this.emit('page-title-updated', event, title, true);
    if (!event.defaultPrevented) this.titleNow = title;
  }

  private finish(): void {
    if (this.gone) return;
    this.gone = true;
    this.visible = false;
    windows.delete(this.id);
    this.emit('closed');
    windowHooks.onClosed(windows.size);
  }
}

export type { DoubledWindow };
export const BrowserWindow = refusingClass('BrowserWindow', DoubledWindow);
