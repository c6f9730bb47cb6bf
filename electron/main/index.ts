import { fileURLToPath } from 'node:url';
import { app, type BrowserWindow, dialog, protocol } from 'electron';
import { loadPages } from '../../core/api/pages.ts';
import { stateDirectory } from '../../core/api/state-directory.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import { createWorkspace } from '../../core/workspace/workspace.ts';
import { answerAppRequest } from './app-protocol.ts';
import { bindWindow } from './bind-window.ts';
import { filesOf, logicalGpusOf } from './command-line.ts';
import { GpuHost } from './gpu-window/gpu-host.ts';
import { openGpuWindow } from './gpu-window/gpu-window.ts';
import { RegionAddresses } from './gpu-window/region-addresses.ts';
import { OutsideFiles } from './outside-files.ts';
import { unpackedPath } from './unpacked-path.ts';
import { createMainWindow, rememberPlace, showPage } from './window/main-window.ts';
import { RememberedState } from './window/remembered-state.ts';

// Paths from dist/electron/main, where this file is built to.
const PRELOAD = fileURLToPath(new URL('../preload/index.cjs', import.meta.url));
const GPU_PRELOAD = fileURLToPath(new URL('../preload/gpu.cjs', import.meta.url));
const GPU_PAGES = fileURLToPath(new URL('../gpu-window', import.meta.url));
const PAGES = fileURLToPath(new URL('../../renderer', import.meta.url));
const DRAG_ICON = unpackedPath(fileURLToPath(new URL('../../../assets/icons/64x64.png', import.meta.url)));
const SAMPLE = unpackedPath(fileURLToPath(new URL('../../../assets/sample.safetensors', import.meta.url)));

const log = (error: unknown): void => console.error(error);

// Also for a window that somebody adds one day and forgets to.
app.enableSandbox();
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
  // Windows joins the window, its recent files and its pin in the task bar by this name of the package.
  if (process.platform === 'win32') app.setAppUserModelId('org.parascope.Parascope');
  const state = stateDirectory();
  const regions = new RegionAddresses();
  const gpu = new GpuHost(() => openGpuWindow(GPU_PRELOAD), log, regions);
  const workspace = createWorkspace({
    stateDirectory: state,
    devices: { startGpu: gpu.start, logicalGpus: logicalGpusOf(process.argv) },
  });
  const pages = await loadPages(PAGES);
  const gpuPages = await loadPages(GPU_PAGES);
  protocol.handle('parascope', (request) => answerAppRequest(request, { workspace, pages, gpuPages, regions, log }));

  const remembered = new RememberedState(state);
  const window = createMainWindow(PRELOAD, await remembered.load());
  rememberPlace(window, remembered);
  const assets = { sample: SAMPLE, dragIcon: DRAG_ICON };
  followOutside(window, bindWindow(window, { workspace, stateDirectory: state, assets, log }));
  window.on('closed', () => void gpu.close());
  closeAtQuit(workspace);
  await showPage(window);
}

/** A second start of the program, and files opened from the platform's file manager, go to this window. */
function followOutside(window: BrowserWindow, open: (paths: readonly string[]) => void): void {
  outside.openWith(open);
  app.on('second-instance', (_event, _argv, _cwd, handover) => {
    if (window.isDestroyed()) return;
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
