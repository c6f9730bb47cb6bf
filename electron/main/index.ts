import { fileURLToPath } from 'node:url';
import { app, type BrowserWindow, dialog, ipcMain, protocol } from 'electron';
import { Grants } from '../../core/api/grants.ts';
import { loadPages } from '../../core/api/pages.ts';
import { RecentFiles } from '../../core/api/recent-files.ts';
import { stateDirectory } from '../../core/api/state-directory.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import { createWorkspace } from '../../core/workspace/workspace.ts';
import { CHANNELS } from '../channels.ts';
import { answerAppRequest } from './app-protocol.ts';
import { filesOf } from './command-line.ts';
import { createDesktopFiles } from './desktop-files.ts';
import { nativeDialogs } from './dialogs.ts';
import { bindIpc } from './ipc.ts';
import { IpcGate } from './ipc-gate.ts';
import { LeaveGuard } from './leave/leave-guard.ts';
import { nativeQuestions } from './leave/questions.ts';
import { watchLeaving } from './leave/watch-leaving.ts';
import { openFiles } from './open-files.ts';
import { OutsideFiles } from './outside-files.ts';
import { startMenu } from './shell-menu.ts';
import { createMainWindow, rememberPlace, showPage } from './window/main-window.ts';
import { RememberedState } from './window/remembered-state.ts';
import { followTasks } from './window/task-progress.ts';

// Paths from dist/electron/main, where this file is built to.
const PRELOAD = fileURLToPath(new URL('../preload/index.cjs', import.meta.url));
const PAGES = fileURLToPath(new URL('../../renderer', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../../assets/sample.safetensors', import.meta.url));

const log = (error: unknown): void => console.error(error);

protocol.registerSchemesAsPrivileged([
  { scheme: 'parascope', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);

const outside = new OutsideFiles();
const named = filesOf(process.argv, { packaged: app.isPackaged, cwd: process.cwd() });
if (app.requestSingleInstanceLock({ files: named })) {
  outside.offer(named);
  // macOS names the file that the program was started with before the program is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    outside.offer([path]);
  });
  app.whenReady().then(start).catch(fail);
} else {
  app.quit();
}

async function start(): Promise<void> {
  const state = stateDirectory();
  const workspace = createWorkspace({ stateDirectory: state });
  const pages = await loadPages(PAGES);
  protocol.handle('parascope', (request) => answerAppRequest(request, { workspace, pages, log }));

  const remembered = new RememberedState(state);
  const window = createMainWindow(PRELOAD, await remembered.load());
  rememberPlace(window, remembered);
  bindWindow(window, workspace, new RecentFiles(state));
  closeAtQuit(workspace);
  await showPage(window);
}

/** Everything that goes on between the window and the workspace. */
function bindWindow(window: BrowserWindow, workspace: Workspace, recent: RecentFiles): void {
  const dialogs = nativeDialogs(window);
  const files = createDesktopFiles({
    grants: new Grants(),
    recent,
    workspace,
    dialogs,
    samplePath: SAMPLE,
    onRemembered: (path) => {
      app.addRecentDocument(path);
      showRecent();
    },
  });
  const gate = new IpcGate(ipcMain, log);
  bindIpc({ gate, context: { workspace, files, version: app.getVersion() }, log })(window.webContents);

  const open = (paths: readonly string[]): void => {
    const report = (message: string): void => dialog.showErrorBox('A file could not be opened', message);
    const show = (document: string): void => {
      if (!window.isDestroyed()) window.webContents.send(CHANNELS.show, document);
    };
    openFiles(paths, { workspace, files, show, report }).catch(log);
  };
  const showRecent = startMenu({ window, gate, recent, open, log });
  const guard = new LeaveGuard({ workspace, questions: nativeQuestions(window, dialogs) });
  watchLeaving(window, guard, log);
  const stopFollowing = followTasks(workspace, (progress) => window.setProgressBar(progress));
  window.on('closed', stopFollowing);
  followOutside(window, open);
}

/** A second start of the program, and files opened from the platform's file manager, go to this window. */
function followOutside(window: BrowserWindow, open: (paths: readonly string[]) => void): void {
  outside.openWith(open);
  app.on('second-instance', (_event, _argv, _cwd, handover) => {
    if (window.isMinimized()) window.restore();
    window.focus();
    try {
      outside.offerHandover(handover);
    } catch (error) {
      log(error);
    }
  });
}

function closeAtQuit(workspace: Workspace): void {
  app.on('window-all-closed', () => app.quit());
  app.once('will-quit', (event) => {
    event.preventDefault();
    workspace
      .close()
      .catch(log)
      .finally(() => app.exit());
  });
}

function fail(error: unknown): void {
  log(error);
  dialog.showErrorBox('Parascope could not start', error instanceof Error ? error.message : String(error));
  app.exit(1);
}
