import { AddressMap } from './address-map.ts';
import { ChromiumHost } from './chromium.ts';
import { IpcMain } from './ipc-main.ts';
import { SchemeServer } from './protocol.ts';

/** What all parts of the double share. */
export const addresses = new AddressMap();
export const chromium = new ChromiumHost();
export const ipcMain = new IpcMain();
export const schemes = new SchemeServer(addresses);

/** What went against the rules of a test: it fails on any. */
const faults: string[] = [];

export function reportFault(message: string): void {
  faults.push(message);
  console.error(`double of Electron: ${message}`);
}

export const takeFaults = (): string[] => faults.splice(0);
