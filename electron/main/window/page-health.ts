import { type BrowserWindow, dialog } from 'electron';

/** A page that crashes again so soon after it was reloaded will crash for ever. */
const AGAIN_MS = 10_000;

/**
 * Documents, edits and tasks live in the main process: where the page dies or hangs, a new page shows
 * them as they are.
 */
export function watchHealth(window: BrowserWindow, log: (error: unknown) => void): void {
  const contents = window.webContents;
  let reloadedAt = Number.NEGATIVE_INFINITY;
  const reload = (): void => {
    reloadedAt = performance.now();
    if (!window.isDestroyed()) contents.reload();
  };
  const ask = async (message: string, [yes, no]: readonly [string, string], act: () => void): Promise<void> => {
    const detail = 'Your documents and edits are kept outside the page and will be as they were.';
    const { response } = await dialog.showMessageBox(window, { type: 'error', message, detail, buttons: [yes, no] });
    if (response === 0 && !window.isDestroyed()) act();
  };
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    log(new Error(`The page of the window is gone: ${reason} (${exitCode}).`));
    if (performance.now() - reloadedAt > AGAIN_MS) reload();
    else ask('The window stopped working again.', ['Reload', 'Close'], reload).catch(log);
  });
  contents.on('unresponsive', () => {
    const restart = (): void => contents.forcefullyCrashRenderer();
    ask('The window does not answer.', ['Reload', 'Wait'], restart).catch(log);
  });
}
