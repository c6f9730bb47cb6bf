import { app, type BrowserWindow, dialog, ipcMain } from 'electron';
import { Grants } from '../../core/api/grants.ts';
import { RecentFiles } from '../../core/api/recent-files.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import { CHANNELS } from '../channels.ts';
import { createDesktopFiles } from './desktop-files.ts';
import { nativeDialogs } from './dialogs.ts';
import { DragFolder } from './drag-out/drag-folder.ts';
import { bindDragOut } from './drag-out/drag-out.ts';
import { bindIpc } from './ipc.ts';
import { IpcGate } from './ipc-gate.ts';
import { LeaveGuard } from './leave/leave-guard.ts';
import { nativeQuestions } from './leave/questions.ts';
import { watchLeaving } from './leave/watch-leaving.ts';
import { openFiles } from './open-files.ts';
import { startMenu } from './shell-menu.ts';
import { watchHealth } from './window/page-health.ts';
import { followTasks } from './window/task-progress.ts';

export interface WindowServices {
  readonly workspace: Workspace;
  readonly stateDirectory: string;
  readonly assets: { readonly sample: string; readonly dragIcon: string };
  readonly log: (error: unknown) => void;
}

/** Everything that goes on between the window and the workspace; returns what opens files in it by their paths. */
export function bindWindow(window: BrowserWindow, services: WindowServices): (paths: readonly string[]) => void {
  const { workspace, stateDirectory, assets, log } = services;
  const contents = window.webContents;
  const recent = new RecentFiles(stateDirectory);
  const dialogs = nativeDialogs(window);
  const files = createDesktopFiles({
    grants: new Grants(),
    recent,
    workspace,
    dialogs,
    samplePath: assets.sample,
    onRemembered: (path) => {
      app.addRecentDocument(path);
      showRecent();
    },
  });
  const gate = new IpcGate(ipcMain, log);
  const folder = new DragFolder(stateDirectory);
  const context = { workspace, files, version: app.getVersion() };
  bindIpc({ gate, context, isOwnExport: (path) => folder.holds(path), log })(contents);

  const open = (paths: readonly string[]): void => {
    const report = (message: string): void => dialog.showErrorBox('A file could not be opened', message);
    const show = (document: string): void => {
      if (!window.isDestroyed()) contents.send(CHANNELS.show, document);
    };
    openFiles(paths, { workspace, files, show, report }).catch(log);
  };
  const showRecent = startMenu({ window, gate, recent, open, log });

  const startDrag = (file: string): void => {
    if (!window.isDestroyed()) contents.startDrag({ file, icon: assets.dragIcon });
  };
  bindDragOut(gate, { workspace, folder, startDrag, log });
  folder.clear().catch(log);

  watchLeaving(window, new LeaveGuard({ workspace, questions: nativeQuestions(window, dialogs) }), log);
  watchHealth(window, log);
  const stopFollowing = followTasks(workspace, (progress) => window.setProgressBar(progress));
  window.on('closed', () => {
    stopFollowing();
    folder.clear().catch(log);
  });
  return open;
}
