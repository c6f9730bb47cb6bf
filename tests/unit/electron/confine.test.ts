import { EventEmitter } from 'node:events';
import type { Session, WebContents } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { CONFINED_PREFERENCES, confine, confineSession } from '../../../electron/main/window/confine.ts';

class FakeContents extends EventEmitter {
  open: (() => { action: string }) | null = null;

  setWindowOpenHandler(handler: () => { action: string }): void {
    this.open = handler;
  }

  /** Whether the event goes its way. */
  allows(event: string, details: object = {}): boolean {
    const preventDefault = vi.fn();
    this.emit(event, { ...details, preventDefault });
    return preventDefault.mock.calls.length === 0;
  }
}

function confined(...more: [((url: string) => boolean)?]) {
  const contents = new FakeContents();
  confine(contents as unknown as WebContents, ...more);
  return contents;
}

describe('a confined page', () => {
  it('opens no window', () => {
    expect(confined().open?.()).toEqual({ action: 'deny' });
  });

  it.each([
    ['will-navigate', { url: 'parascope://app/' }, true],
    ['will-navigate', { url: 'https://example.com/' }, false],
    ['will-navigate', { url: 'parascope://gpu/index.html' }, false],
    ['will-navigate', { url: 'file:///etc/passwd' }, false],
    ['will-frame-navigate', { url: 'parascope://app/', isMainFrame: true }, true],
    ['will-frame-navigate', { url: 'parascope://app/', isMainFrame: false }, false],
    ['will-frame-navigate', { url: 'https://example.com/', isMainFrame: true }, false],
    ['will-redirect', { url: 'parascope://app/' }, false],
    ['will-attach-webview', {}, false],
  ])('on %s with %j: %s', (event, details, expected) => {
    expect(confined().allows(event, details)).toBe(expected);
  });

  it('goes nowhere at all where it is the GPU window', () => {
    const contents = confined(() => false);
    expect(contents.allows('will-navigate', { url: 'parascope://app/' })).toBe(false);
    expect(contents.allows('will-navigate', { url: 'parascope://gpu/index.html' })).toBe(false);
  });

  it('is made with a sandbox and without Node', () => {
    expect(CONFINED_PREFERENCES).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
    });
  });
});

describe('a confined session', () => {
  it('gives no permission but copying text, no device, and no download', () => {
    const handlers: Record<string, (...args: unknown[]) => unknown> = {};
    const session = new Proxy(new EventEmitter(), {
      get: (target, name) =>
        name === 'on' || name === 'emit'
          ? target[name].bind(target)
          : (handler: (...args: unknown[]) => unknown) => {
              handlers[String(name)] = handler;
            },
    });
    confineSession(session as unknown as Session);
    const answers: boolean[] = [];
    const ask = (permission: string, requestingUrl: string) =>
      handlers.setPermissionRequestHandler?.(null, permission, (granted: boolean) => answers.push(granted), {
        requestingUrl,
      });
    ask('clipboard-sanitized-write', 'parascope://app/');
    ask('clipboard-sanitized-write', 'parascope://gpu/');
    ask('media', 'parascope://app/');
    expect(answers).toEqual([true, false, false]);
    expect(handlers.setPermissionCheckHandler?.(null, 'geolocation', 'parascope://app')).toBe(false);
    expect(handlers.setDevicePermissionHandler?.({})).toBe(false);
    const preventDefault = vi.fn();
    session.emit('will-download', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
  });
});
