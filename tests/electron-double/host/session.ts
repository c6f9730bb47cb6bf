import type { CDPSession } from 'playwright-core';
import { faceOf, refusing } from '../refusal.ts';
import { addresses } from './double.ts';
import { KnownEvents, preventable } from './known-events.ts';

/** Electron's name of a permission, and the DevTools protocol's descriptor of it. */
const PERMISSIONS: readonly (readonly [string, Record<string, string | boolean>])[] = [
  ['clipboard-read', { name: 'clipboard-read' }],
  ['clipboard-sanitized-write', { name: 'clipboard-write' }],
  ['geolocation', { name: 'geolocation' }],
  ['idle-detection', { name: 'idle-detection' }],
  ['media', { name: 'camera' }],
  ['media', { name: 'microphone' }],
  ['midi', { name: 'midi' }],
  ['notifications', { name: 'notifications' }],
  ['storage-access', { name: 'storage-access' }],
];

type RequestHandler = (
  contents: object | null,
  permission: string,
  answer: (granted: boolean) => void,
  details: { readonly requestingUrl: string; readonly isMainFrame: boolean },
) => void;
type CheckHandler = (contents: object | null, permission: string, origin: string, details: object) => boolean;

/**
 * Permissions are what the handlers say of each of Chromium's, asked when a document comes. A
 * permission is granted where both handlers agree.
 */
export class Session extends KnownEvents {
  private request: RequestHandler | null = null;
  private check: CheckHandler | null = null;

  constructor() {
    super('session', ['will-download']);
  }

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.request = handler;
  }

  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.check = handler;
  }

  /** Devices have no way into a headless Chromium; what a handler says of them cannot be seen. */
  setDevicePermissionHandler(_handler: ((details: object) => boolean) | null): void {}

  /** They hold as long as the DevTools session in which they were set. */
  async applyPermissions(devTools: CDPSession, address: string): Promise<void> {
    const url = addresses.fromPage(address);
    if (!this.request || !this.check || url === address) return;
    const { protocol, host } = new URL(url);
    const { origin } = new URL(address);
    for (const [electronName, permission] of PERMISSIONS) {
      const granted =
        this.check(null, electronName, `${protocol}//${host}/`, { requestingUrl: url, isMainFrame: true }) &&
        (await this.asks(electronName, url));
      const setting = granted ? 'granted' : 'denied';
      await devTools.send('Browser.setPermission', { permission: { name: '', ...permission }, setting, origin });
    }
  }

  /** False where a listener does not want the file. */
  allowsDownload(url: string, contents: object): boolean {
    const event = preventable({});
    this.emit('will-download', event, refusing('DownloadItem', { getURL: () => url }), contents);
    return !event.defaultPrevented;
  }

  private asks(permission: string, requestingUrl: string): Promise<boolean> {
    return new Promise((answer) => {
      if (!this.request) answer(true);
      else this.request(null, permission, answer, { requestingUrl, isMainFrame: true });
    });
  }
}

/** Partitions and sessions of their own are refused: all pages share one Chromium context. */
export const defaultSession = faceOf('session', new Session());

export const session = refusing('session', { defaultSession });
