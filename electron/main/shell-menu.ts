import { basename } from 'node:path';
import { app, type BrowserWindow, nativeTheme } from 'electron';
import type { RecentFiles } from '../../core/api/recent-files.ts';
import { type ShellCommand, shellStateSchema } from '../../core/api/shell.ts';
import { CHANNELS } from '../channels.ts';
import { abbreviated } from './desktop-files.ts';
import type { IpcGate } from './ipc-gate.ts';
import { ApplicationMenu } from './menu/application-menu.ts';

/** More of them are a list that nobody reads. */
const MOST_RECENT = 10;

export interface ShellMenuOptions {
  readonly window: BrowserWindow;
  readonly gate: IpcGate;
  readonly recent: RecentFiles;
  readonly open: (paths: readonly string[]) => void;
  readonly log: (error: unknown) => void;
}

/** Joins the menu, the page and the recent files; returns the function that shows those anew. */
export function startMenu({ window, gate, recent, open, log }: ShellMenuOptions): () => void {
  const menu = new ApplicationMenu(process.platform, {
    command: (command) => run(command, window, menu),
    openRecent: (path) => open([path]),
    clearRecent: () => {
      app.clearRecentDocuments();
      recent.clear().then(refresh).catch(log);
    },
  });
  const refresh = (): void => {
    recent
      .list()
      .then((files) =>
        menu.showRecent(
          files.slice(0, MOST_RECENT).map(({ path }) => ({ path, label: `${basename(path)} – ${abbreviated(path)}` })),
        ),
      )
      .catch(log);
  };
  gate.on(CHANNELS.state, (message) => {
    const parsed = shellStateSchema.safeParse(message);
    if (!parsed.success) {
      log(parsed.error);
      return;
    }
    menu.follow(parsed.data);
    // Frames, menus and dialogs of the platform go with the page.
    if (nativeTheme.themeSource !== parsed.data.theme) nativeTheme.themeSource = parsed.data.theme;
  });
  refresh();
  return refresh;
}

function run(command: ShellCommand, window: BrowserWindow, menu: ApplicationMenu): void {
  if (window.isDestroyed()) return;
  const { editingText, tab } = menu.state;
  if (editingText && command === 'undo') window.webContents.undo();
  else if (editingText && command === 'redo') window.webContents.redo();
  else if (command === 'close' && !tab) window.close();
  else window.webContents.send(CHANNELS.command, command);
}
