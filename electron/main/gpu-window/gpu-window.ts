import { BrowserWindow, MessageChannelMain } from 'electron';
import { GPU_PORT_CHANNEL } from '../../gpu-channel.ts';
import { GPU_ORIGIN } from '../navigation-policy.ts';
import { CONFINED_PREFERENCES, confine } from '../window/confine.ts';
import type { WorkerWindow } from './window-link.ts';

/** A page that computes may be silent for a while; one that is silent for longer has hung. */
const HUNG_MS = 60_000;

/**
 * The hidden window in which the device worker of every `gpu(i)` runs. It is never shown and never
 * closes by itself: a quit that the user calls off must not take its arrays along.
 *
 * A GPU that is lost while the machine sleeps, or whose process crashed, is told by the page (`lost`), not by
 * the window: the page itself goes on and makes its devices anew.
 */
export function openGpuWindow(preload: string): WorkerWindow {
  const window = new BrowserWindow({
    show: false,
    webPreferences: { ...CONFINED_PREFERENCES, preload, backgroundThrottling: false },
  });
  confine(window.webContents, () => false);
  window.on('close', (event) => event.preventDefault());
  const { port1, port2 } = new MessageChannelMain();
  const gone = new Promise<string>((resolve) => reportEnd(window, resolve));
  window.webContents.once('did-finish-load', () => window.webContents.postMessage(GPU_PORT_CHANNEL, null, [port2]));
  // A page that cannot be loaded says so by did-fail-load.
  window.loadURL(`${GPU_ORIGIN}/index.html`).catch(() => {});
  return {
    port: port1,
    onGone: (listener) => void gone.then(listener),
    destroy: () => {
      if (!window.isDestroyed()) window.destroy();
    },
  };
}

function reportEnd(window: BrowserWindow, end: (reason: string) => void): void {
  let hung: NodeJS.Timeout | undefined;
  const contents = window.webContents;
  contents.on('did-fail-load', (_event, _code, description) => end(`its page could not be loaded: ${description}`));
  contents.on('preload-error', (_event, _path, error) => end(`its preload failed: ${error.message}`));
  contents.on('render-process-gone', (_event, { reason }) => end(`its process is gone: ${reason}`));
  contents.on('unresponsive', () => {
    hung = setTimeout(() => end('it hung'), HUNG_MS);
  });
  contents.on('responsive', () => clearTimeout(hung));
  window.on('closed', () => {
    clearTimeout(hung);
    end('its window was closed');
  });
}
