import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefusedByDouble, refusing } from '../refusal.ts';
import { BrowserWindow, windowHooks } from './browser-window.ts';
import { chromium, schemes } from './double.ts';
import { APP_EVENTS } from './events.ts';
import { KnownEvents, preventable } from './known-events.ts';
import { Menu } from './menu.ts';
import { roleHooks } from './menu-roles.ts';
import { requestLock } from './single-instance.ts';

const { version, name } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string; name: string };

type PathName =
  | 'home'
  | 'appData'
  | 'userData'
  | 'sessionData'
  | 'temp'
  | 'exe'
  | 'logs'
  | 'documents'
  | 'downloads'
  | 'desktop';

class App extends KnownEvents {
  readonly isPackaged = false;
  readonly name = name;
  /** macOS alone has a dock. */
  readonly dock = undefined;
  readonly commandLine = refusing('app.commandLine', {
    appendSwitch: (flag: string, value?: string): void => {
      if (this.ready) throw new RefusedByDouble('app.commandLine.appendSwitch after ready');
      chromium.addFlag(value === undefined ? `--${flag}` : `--${flag}=${value}`);
    },
    hasSwitch: (flag: string): boolean =>
      process.argv.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`)),
    getSwitchValue: (flag: string): string =>
      process.argv.find((word) => word.startsWith(`--${flag}=`))?.slice(flag.length + 3) ?? '',
  });
  private readonly paths = new Map<string, string>();
  private readonly recent: string[] = [];
  private ready = false;
  private quitting = false;
  private exited = false;
  private markReady: () => void = () => {};
  private readonly readiness = new Promise<void>((resolve) => {
    this.markReady = resolve;
  });

  constructor() {
    super('app', APP_EVENTS);
    windowHooks.onCreated = (window) => this.emit('browser-window-created', preventable({}), window);
    windowHooks.onClosed = (remaining) => this.closedOne(remaining);
    windowHooks.menu = () => Menu.getApplicationMenu();
    roleHooks.quit = () => this.quit();
    roleHooks.clearRecent = () => this.clearRecentDocuments();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.quit());
  }

  /** Called when the main script has run: Electron's `ready` comes no sooner. False where the script quit. */
  async boot(): Promise<boolean> {
    if (this.exited) return false;
    this.emit('will-finish-launching');
    await schemes.start();
    await chromium.start();
    this.ready = true;
    this.emit('ready', preventable({}), {});
    this.markReady();
    return true;
  }

  whenReady = (): Promise<void> => this.readiness;
  isReady = (): boolean => this.ready;
  getVersion = (): string => version;
  getName = (): string => name;
  getAppPath = (): string => process.cwd();
  getLocale = (): string => 'en-US';
  getSystemLocale = (): string => 'en-US';

  getPath(path: PathName): string {
    const set = this.paths.get(path);
    if (set !== undefined) return set;
    switch (path) {
      case 'home':
        return homedir();
      case 'appData':
        return process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
      case 'userData':
      case 'sessionData':
        return this.commandLine.getSwitchValue('user-data-dir') || join(this.getPath('appData'), name);
      case 'temp':
        return tmpdir();
      case 'exe':
        return process.execPath;
      case 'logs':
        return join(this.getPath('userData'), 'logs');
      case 'documents':
      case 'downloads':
      case 'desktop':
        return join(homedir(), path);
      default:
        throw new RefusedByDouble(`app.getPath(${JSON.stringify(path)})`);
    }
  }
  setPath(path: PathName, value: string): void {
    this.getPath(path);
    this.paths.set(path, value);
  }

  requestSingleInstanceLock(data: unknown = null): boolean {
    return requestLock(this.getPath('userData'), data, (second) =>
      this.emit('second-instance', preventable({}), second.argv, second.cwd, second.data),
    );
  }

  /** All windows are closed first; one that prevents its close ends the quitting. */
  quit(): void {
    if (!this.ready) {
      this.exit();
      return;
    }
    if (this.quitting) return;
    const event = preventable({});
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    this.quitting = true;
    const open = BrowserWindow.getAllWindows();
    for (const window of open) {
      window.close();
      // A prevented close is known at once, and the other windows are closed all the same.
      if (!window.isDestroyed() && !window.isClosing) this.quitting = false;
    }
    if (open.length === 0) this.willQuit();
  }

  /** Nobody is asked. */
  exit(code = 0): void {
    if (this.exited) return;
    this.exited = true;
    this.emit('quit', preventable({}), code);
    schemes.stop();
    chromium.stop().finally(() => process.exit(code));
  }

  addRecentDocument(path: string): void {
    this.recent.unshift(path);
  }
  clearRecentDocuments(): void {
    this.recent.length = 0;
  }
  getRecentDocuments = (): readonly string[] => this.recent;

  /** Windows alone uses it. */
  setAppUserModelId(_id: string): void {}
  /** Every page of the double is in Chromium's sandbox, where the system has one for it. */
  enableSandbox(): void {
    if (this.ready) throw new Error('app.enableSandbox() can only be called before app is ready');
  }
  disableHardwareAcceleration(): void {
    chromium.addFlag('--disable-gpu');
  }

  private closedOne(remaining: number): void {
    if (remaining > 0) return;
    if (this.quitting) this.willQuit();
    else if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }

  private willQuit(): void {
    const event = preventable({});
    this.emit('will-quit', event);
    this.quitting = false;
    if (!event.defaultPrevented) this.exit();
  }
}

export const doubledApp = new App();
export const app = refusing('app', doubledApp);
