import type { MenuItemConstructorOptions } from 'electron';
import type { DoubledWindow } from './browser-window.ts';

interface Role {
  readonly label: string;
  readonly accelerator?: string;
  readonly run?: (window: DoubledWindow | null) => void;
  readonly submenu?: readonly MenuItemConstructorOptions[];
}

/** Told by the app, which imports this module's users. */
export const roleHooks = { quit: (): void => {}, about: (): void => {}, clearRecent: (): void => {} };

const separator: MenuItemConstructorOptions = { type: 'separator' };
const editing = (name: 'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'delete' | 'selectAll') => ({
  run: (window: DoubledWindow | null) => window?.webContents[name](),
});
const zoomBy = (step: number) => ({
  run: (window: DoubledWindow | null): void => {
    if (window) window.webContents.zoomLevel = step === 0 ? 0 : window.webContents.zoomLevel + step;
  },
});

/** Labels and keys as Electron gives them where a template has none. Names are lower case. */
export const ROLES: Readonly<Record<string, Role>> = {
  about: { label: 'About', run: () => roleHooks.about() },
  clearrecentdocuments: { label: 'Clear Menu', run: () => roleHooks.clearRecent() },
  close: { label: 'Close Window', accelerator: 'CommandOrControl+W', run: (window) => window?.close() },
  copy: { label: 'Copy', accelerator: 'CommandOrControl+C', ...editing('copy') },
  cut: { label: 'Cut', accelerator: 'CommandOrControl+X', ...editing('cut') },
  delete: { label: 'Delete', ...editing('delete') },
  front: { label: 'Bring All to Front' },
  help: { label: 'Help', submenu: [] },
  hide: { label: 'Hide', accelerator: 'Command+H' },
  hideothers: { label: 'Hide Others', accelerator: 'Command+Alt+H' },
  minimize: { label: 'Minimize', accelerator: 'CommandOrControl+M', run: (window) => window?.minimize() },
  paste: { label: 'Paste', accelerator: 'CommandOrControl+V', ...editing('paste') },
  quit: { label: 'Quit', accelerator: 'CommandOrControl+Q', run: () => roleHooks.quit() },
  recentdocuments: { label: 'Open Recent', submenu: [] },
  redo: { label: 'Redo', accelerator: 'Shift+CommandOrControl+Z', ...editing('redo') },
  reload: { label: 'Reload', accelerator: 'CmdOrCtrl+R', run: (window) => window?.reload() },
  resetzoom: { label: 'Actual Size', accelerator: 'CommandOrControl+0', ...zoomBy(0) },
  selectall: { label: 'Select All', accelerator: 'CommandOrControl+A', ...editing('selectAll') },
  services: { label: 'Services', submenu: [] },
  togglefullscreen: {
    label: 'Toggle Full Screen',
    accelerator: process.platform === 'darwin' ? 'Control+Command+F' : 'F11',
    run: (window) => window?.setFullScreen(!window.isFullScreen()),
  },
  undo: { label: 'Undo', accelerator: 'CommandOrControl+Z', ...editing('undo') },
  unhide: { label: 'Show All' },
  zoom: { label: 'Zoom', run: (window) => window?.maximize() },
  zoomin: { label: 'Zoom In', accelerator: 'CommandOrControl+Plus', ...zoomBy(0.5) },
  zoomout: { label: 'Zoom Out', accelerator: 'CommandOrControl+-', ...zoomBy(-0.5) },
  window: { label: 'Window', submenu: [] },
  appmenu: {
    label: 'Parascope',
    submenu: [
      { role: 'about' },
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  },
  filemenu: { label: 'File', submenu: [{ role: process.platform === 'darwin' ? 'close' : 'quit' }] },
  editmenu: {
    label: 'Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      separator,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'delete' },
      separator,
      { role: 'selectAll' },
    ],
  },
  windowmenu: {
    label: 'Window',
    submenu: [
      { role: 'minimize' },
      { role: 'zoom' },
      ...(process.platform === 'darwin' ? [separator, { role: 'front' } as const] : [{ role: 'close' } as const]),
    ],
  },
};
