/**
 * A double of the module `electron`, for tests alone: the shell's built main process runs on it in plain
 * Node, with real Chromium pages for windows. `run.mjs` puts it in Electron's place.
 */
import { app, doubledApp } from './host/app.ts';
import { BrowserWindow } from './host/browser-window.ts';
import { announceReady, serveControl } from './host/control.ts';
import { dialog } from './host/dialog.ts';
import { ipcMain as doubledIpcMain, schemes } from './host/double.ts';
import { Menu, MenuItem } from './host/menu.ts';
import { MessageChannelMain as DoubledChannel } from './host/message-ports.ts';
import { nativeImage } from './host/native-image.ts';
import { screen } from './host/screen.ts';
import { session } from './host/session.ts';
import { clipboard, nativeTheme, powerMonitor, shell } from './host/small-modules.ts';
import { allContents, contentsFromId } from './host/web-contents.ts';
import { refusing, refusingClass } from './refusal.ts';

const ipcMain = doubledIpcMain.api;
const protocol = schemes.protocol;
const MessageChannelMain = refusingClass('MessageChannelMain', DoubledChannel);
const webContents = refusing('webContents', { getAllWebContents: allContents, fromId: contentsFromId });

const electron = refusing('electron', {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  webContents,
});

/** Runs `main` as Electron would: its script first, then `ready`. */
export async function runOnDouble(main: () => Promise<unknown>): Promise<void> {
  console.error('*** A double of Electron, for tests alone: windows are pages of a headless Chromium. ***');
  serveControl(electron);
  await main();
  if (await doubledApp.boot()) announceReady();
}

export {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  webContents,
};
