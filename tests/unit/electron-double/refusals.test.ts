import { expect, test } from 'vitest';
import { parseAccelerator } from '../../electron-double/host/accelerator.ts';
import { AddressMap } from '../../electron-double/host/address-map.ts';
import { BrowserWindow } from '../../electron-double/host/browser-window.ts';
import { dialog } from '../../electron-double/host/dialog.ts';
import { takeFaults } from '../../electron-double/host/double.ts';
import { Menu } from '../../electron-double/host/menu.ts';
import { MessageChannelMain } from '../../electron-double/host/message-ports.ts';
import { SchemeServer } from '../../electron-double/host/protocol.ts';
import { screen } from '../../electron-double/host/screen.ts';
import { shell } from '../../electron-double/host/small-modules.ts';
import { faceOf, RefusedByDouble } from '../../electron-double/refusal.ts';

/** Calls in words that the types would refuse, as built code may make them. */
const untyped = (target: unknown): Record<string, (...args: unknown[]) => unknown> =>
  target as Record<string, (...args: unknown[]) => unknown>;

const MANY: readonly (readonly [string, () => unknown])[] = [
  ['shell.readShortcutLink', () => untyped(shell).readShortcutLink?.('x')],
  ['screen.dipToScreenPoint', () => untyped(screen).dipToScreenPoint],
  ['BrowserWindow.addDevToolsExtension', () => untyped(BrowserWindow).addDevToolsExtension],
  ['option vibrancy of BrowserWindow', () => Reflect.construct(BrowserWindow, [{ vibrancy: 'menu' }])],
  [
    'value false of webPreferences.sandbox',
    () => Reflect.construct(BrowserWindow, [{ webPreferences: { sandbox: false } }]),
  ],
  [
    'option enableRemoteModule of webPreferences',
    () => Reflect.construct(BrowserWindow, [{ webPreferences: { enableRemoteModule: true } }]),
  ],
  ["event 'display-moved' of screen", () => screen.on('display-moved', () => {})],
  ['menu role shareMenu', () => Menu.buildFromTemplate([{ role: 'shareMenu' }])],
  [
    'option acceleratorWorksWhenHidden of MenuItem',
    () => Menu.buildFromTemplate([{ acceleratorWorksWhenHidden: true }]),
  ],
  ['modifier hyper', () => parseAccelerator('Hyper+S')],
  ['privilege secure', () => schemeWith({ standard: true, supportFetchAPI: true })],
  [
    'option bypassCSP of the privileges',
    () => schemeWith({ standard: true, secure: true, supportFetchAPI: true, bypassCSP: true }),
  ],
];

function schemeWith(privileges: Record<string, boolean>): void {
  new SchemeServer(new AddressMap()).protocol.registerSchemesAsPrivileged([{ scheme: 'x', privileges }]);
}

test.each(MANY)('the double names what it does not have: %s', (name, use) => {
  expect(use).toThrow(RefusedByDouble);
  expect(use).toThrow(name);
});

test('what is known may be replaced by a test, what is unknown may not', () => {
  const replaced = faceOf('thing', { known: (): number => 1 });
  replaced.known = () => 2;
  expect(replaced.known()).toBe(2);
  expect(() => Object.assign(replaced, { unknown: 1 })).toThrow(RefusedByDouble);
});

test('a dialog that no test foresaw fails its caller and is a fault of the run', () => {
  takeFaults();
  expect(() => untyped(dialog).showOpenDialog?.({ title: 'Open' })).toThrow(/no test had an answer ready/);
  expect(takeFaults()).toEqual([expect.stringContaining('showOpenDialog')]);
});

test('ports deliver in order once they are started, and refuse foreign transfers', async () => {
  const { port1, port2 } = new MessageChannelMain();
  const heard: unknown[] = [];
  port1.postMessage({ a: 1 });
  port1.postMessage(new Uint8Array([1, 2]));
  port2.on('message', ({ data }) => heard.push(data));
  port2.start();
  const closed = new Promise((resolve) => port2.once('close', resolve));
  expect(() => untyped(port1).postMessage?.('x', [new ArrayBuffer(1)])).toThrow(/not a valid port/);
  port1.close();
  await closed;
  expect(heard).toEqual([{ a: 1 }, new Uint8Array([1, 2])]);
});
