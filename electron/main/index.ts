import { fileURLToPath } from 'node:url';
import { app, type BrowserWindow, dialog, ipcMain, protocol } from 'electron';
import { z } from 'zod';
import { Grants } from '../../core/api/grants.ts';
import { loadPages } from '../../core/api/pages.ts';
import { RecentFiles } from '../../core/api/recent-files.ts';
import { stateDirectory } from '../../core/api/state-directory.ts';
import { createWorkspace } from '../../core/workspace/workspace.ts';
import { answerAppRequest } from './app-protocol.ts';
import { filesOf } from './command-line.ts';
import { createDesktopFiles } from './desktop-files.ts';
import { nativeDialogs } from './dialogs.ts';
import { bindIpc } from './ipc.ts';
import { installMenu } from './menu.ts';
import { openFiles } from './open-files.ts';
import { createWindow, showPage } from './window.ts';

// Paths from dist/electron/main, where this file is built to.
const PRELOAD = fileURLToPath(new URL('../preload/index.cjs', import.meta.url));
const PAGES = fileURLToPath(new URL('../../renderer', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../../assets/sample.safetensors', import.meta.url));

/** What a second start of the program hands to the first. */
const handoverSchema = z.object({ files: z.array(z.string().max(32_767)).max(1_000) });

const log = (error: unknown): void => console.error(error);

protocol.registerSchemesAsPrivileged([
  { scheme: 'parascope', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);

const named = filesOf(process.argv, { packaged: app.isPackaged, cwd: process.cwd() });
if (app.requestSingleInstanceLock({ files: named })) {
  app.whenReady().then(start).catch(fail);
} else {
  app.quit();
}

async function start(): Promise<void> {
  const state = stateDirectory();
  const workspace = createWorkspace({ stateDirectory: state });
  const pages = await loadPages(PAGES);
  protocol.handle('parascope', (request) => answerAppRequest(request, { workspace, pages, log }));
  installMenu(process.platform);

  const window = createWindow(PRELOAD);
  const files = createDesktopFiles({
    grants: new Grants(),
    recent: new RecentFiles(state),
    workspace,
    dialogs: nativeDialogs(window),
    samplePath: SAMPLE,
  });
  const admit = bindIpc({ ipcMain, context: { workspace, files, version: app.getVersion() }, log });
  admit(window.webContents);

  const open = (paths: readonly string[]): void => {
    const report = (message: string): void => dialog.showErrorBox('A file could not be opened', message);
    openFiles(paths, { workspace, files, report }).catch(log);
  };
  open(named);
  followOutside(window, open);
  app.on('window-all-closed', () => app.quit());
  app.once('will-quit', (event) => {
    event.preventDefault();
    workspace
      .close()
      .catch(log)
      .finally(() => app.exit());
  });
  await showPage(window);
}

/** A second start of the program, and files opened from the platform's file manager, go to this window. */
function followOutside(window: BrowserWindow, open: (paths: readonly string[]) => void): void {
  app.on('second-instance', (_event, _argv, _cwd, handover) => {
    if (window.isMinimized()) window.restore();
    window.focus();
    const parsed = handoverSchema.safeParse(handover);
    if (parsed.success) open(parsed.data.files);
    else log(parsed.error);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open([path]);
  });
}

function fail(error: unknown): void {
  log(error);
  dialog.showErrorBox('Parascope could not start', error instanceof Error ? error.message : String(error));
  app.exit(1);
}
