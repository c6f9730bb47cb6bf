import { existsSync } from 'node:fs';
import type { WindowOpenHandlerResponse } from 'electron';
import type { FromPage, KeyPress } from '../messages.ts';
import { checkOptions, faceOf, RefusedByDouble } from '../refusal.ts';
import { addresses, ipcMain } from './double.ts';
import { CONTENTS_EVENTS } from './events.ts';
import { KnownEvents, preventable } from './known-events.ts';
import type { MessagePortMain } from './message-ports.ts';
import type { NativeImage } from './native-image.ts';
import { PageDriver } from './page-driver.ts';
import type { Navigation } from './page-link.ts';
import { PortHub } from './port-hub.ts';
import { defaultSession, type Session } from './session.ts';
import { topFrame } from './web-frame-main.ts';
import { checkPreferences, type WebPreferences } from './web-preferences.ts';

type WindowOpenHandler = (details: { readonly url: string }) => WindowOpenHandlerResponse;
export interface DraggedItem {
  readonly file: string;
  readonly files?: string[];
  readonly icon: NativeImage | string;
}

let lastId = 0;
const contents = new Map<number, WebContents>();

export const allContents = (): WebContents[] => [...contents.values()].map(faceOfContents);
const faceOfContents = (raw: WebContents): WebContents => faceOf('webContents', raw);

export function contentsFromId(id: number): WebContents | undefined {
  const raw = contents.get(id);
  return raw && faceOfContents(raw);
}

/** Told of what belongs to the window around the page. */
export interface ContentsHost {
  readonly onReadyToShow: () => void;
  readonly onTitle: (title: string) => void;
  readonly onClosed: () => void;
  readonly onKey: (press: KeyPress) => void;
  readonly onZoom: () => void;
}

export class WebContents extends KnownEvents {
  readonly id = ++lastId;
  readonly session: Session = defaultSession;
  readonly mainFrame: object;
  private readonly driver: PageDriver;
  private readonly ports: PortHub;
  private readonly host: ContentsHost;
  private openHandler: WindowOpenHandler = () => ({ action: 'allow' });
  private url = '';
  private titleNow = '';
  private loading = false;
  private crashed = false;
  private destroyed = false;
  private zoom = 0;

  constructor(preferences: WebPreferences, host: ContentsHost) {
    super('webContents', CONTENTS_EVENTS);
    checkPreferences(preferences);
    this.host = host;
    this.mainFrame = topFrame(() => this.url);
    this.driver = this.openPage(preferences.preload ?? null);
    this.ports = new PortHub((message) => this.driver.post(message));
    contents.set(this.id, this);
  }

  private openPage(preload: string | null): PageDriver {
    return new PageDriver(preload, {
      onMessage: (message) => this.receive(message),
      allows: (navigation) => this.allows(navigation),
      onStart: ({ url, isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) this.ports.endAll();
        const details = { url: addresses.fromPage(url), isMainFrame, isSameDocument, isInPlace: isSameDocument };
        this.emit('did-start-navigation', preventable({ ...details, frame: isMainFrame ? this.mainFrame : null }));
      },
      onReady: () => {
        this.driver.perform(async ({ page, link }) => {
          this.url = addresses.fromPage(page.url());
          await this.session.applyPermissions(link.session, page.url());
        });
        this.emit('dom-ready', preventable({}));
        this.host.onReadyToShow();
      },
      onLoad: () => {
        this.loading = false;
        this.emit('did-finish-load', preventable({}));
      },
      onCrash: () => {
        this.crashed = true;
        this.ports.endAll();
        this.emit('render-process-gone', preventable({}), { reason: 'crashed', exitCode: 5 });
      },
      onClose: () => this.finish(),
      onTitle: (title) => {
        this.titleNow = title;
        this.host.onTitle(title);
      },
      onPopup: (url) => {
        const { action } = this.openHandler({ url: addresses.fromPage(url) });
        if (action !== 'deny') throw new RefusedByDouble('windows that a page opens (setWindowOpenHandler must deny)');
      },
      allowsDownload: (url) => this.session.allowsDownload(addresses.fromPage(url), faceOfContents(this)),
      onConsole: (level, message) => this.emit('console-message', preventable({ level, message })),
    });
  }

  private finish(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    contents.delete(this.id);
    this.ports.endAll();
    this.emit('destroyed');
    this.host.onClosed();
  }

  private allows(navigation: Navigation & { readonly redirected: boolean }): boolean {
    const url = addresses.fromPage(navigation.url);
    const event = preventable({
      url,
      isMainFrame: navigation.isMainFrame,
      isSameDocument: false,
      frame: this.mainFrame,
    });
    if (navigation.redirected) this.emit('will-redirect', event);
    else if (!this.loading) {
      if (navigation.isMainFrame) this.emit('will-navigate', event);
      if (!event.defaultPrevented) this.emit('will-frame-navigate', event);
    }
    return !event.defaultPrevented;
  }

  private receive(message: FromPage): void {
    const origin = { sender: faceOfContents(this), senderFrame: this.mainFrame };
    switch (message.kind) {
      case 'send': {
        const ports = message.ports.map((port) => this.ports.receive(port));
        ipcMain.send(origin, message.channel, message.args, ports);
        return;
      }
      case 'invoke': {
        const { id, channel, args } = message;
        ipcMain.invoke(origin, channel, args).then(
          (value) => this.driver.post({ kind: 'reply', id, value }),
          (error: Error) => this.driver.post({ kind: 'refusal', id, message: error.message }),
        );
        return;
      }
      case 'port-message':
        this.ports.deliver(message.port, message.data);
        return;
      case 'port-close':
        this.ports.end(message.port);
        return;
      case 'key':
        this.host.onKey(message.press);
        return;
      case 'preload-error':
        console.error(`The preload script failed: ${message.stack}`);
        this.emit('preload-error', preventable({}), '', new Error(message.message));
    }
  }

  async loadURL(url: string): Promise<void> {
    this.url = url;
    this.loading = true;
    if (this.crashed) this.driver.replace();
    this.crashed = false;
    try {
      await this.driver.load(url);
    } catch (error) {
      this.loading = false;
      const reason = error instanceof Error ? error.message : String(error);
      this.emit('did-fail-load', preventable({}), -2, reason, url, true);
      throw new Error(`ERR_FAILED (-2) loading '${url}': ${reason}`);
    }
  }

  reload(): void {
    this.loadURL(this.url).catch((error: unknown) => {
      if (!this.destroyed) console.error(error);
    });
  }

  send(channel: string, ...args: unknown[]): void {
    this.driver.post({ kind: 'message', channel, args, ports: [] });
  }

  postMessage(channel: string, message: unknown, transfer: readonly MessagePortMain[] = []): void {
    this.ports.send(transfer, (ports) => this.driver.post({ kind: 'message', channel, args: [message], ports }));
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.openHandler = handler;
  }

  getURL = (): string => this.url;
  getTitle = (): string => this.titleNow;
  isDestroyed = (): boolean => this.destroyed;
  isCrashed = (): boolean => this.crashed;
  isLoading = (): boolean => this.loading;
  isLoadingMainFrame = (): boolean => this.loading;
  focus(): void {
    this.driver.perform(({ page }) => page.bringToFront());
  }

  /** The editing commands of the menu, on whatever has the focus. */
  undo = (): void => this.command('undo');
  redo = (): void => this.command('redo');
  cut = (): void => this.command('cut');
  copy = (): void => this.command('copy');
  paste = (): void => this.command('paste');
  delete = (): void => this.command('delete');
  selectAll = (): void => this.command('selectAll');

  private command(name: string): void {
    this.driver.perform(({ page }) => page.evaluate((command) => document.execCommand(command), name));
  }

  get zoomLevel(): number {
    return this.zoom;
  }
  set zoomLevel(level: number) {
    this.zoom = level;
    this.host.onZoom();
  }
  /** Each level is a fifth larger. */
  get zoomFactor(): number {
    return 1.2 ** this.zoom;
  }

  /** Whether the drag starts cannot be seen here; what Electron asks of its arguments can. */
  startDrag(item: DraggedItem): void {
    checkOptions('webContents.startDrag', item, ['file', 'files', 'icon']);
    const files = item.files ?? [item.file];
    for (const file of files) if (!existsSync(file)) throw new Error(`startDrag: ${file} is not there.`);
    const empty = typeof item.icon === 'string' ? !existsSync(item.icon) : item.icon.isEmpty();
    if (empty) throw new Error("Must specify non-empty 'icon' option");
  }

  forcefullyCrashRenderer(): void {
    // The command is never answered: what would answer it is gone.
    this.driver.perform(({ link }) => link.session.send('Page.crash').catch(() => {}));
  }

  close(options: { readonly waitForBeforeUnload?: boolean } = {}): void {
    this.driver.perform(() => this.driver.close(options.waitForBeforeUnload === true));
  }

  /** For the window around it. */
  get page(): PageDriver {
    return this.driver;
  }
}
