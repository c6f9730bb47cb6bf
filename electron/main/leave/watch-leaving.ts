import { type BrowserWindow, powerMonitor } from 'electron';
import type { LeaveGuard } from './leave-guard.ts';

/**
 * Holds the window open until the guard lets it go; quitting the program closes the window first and so
 * comes here too. Where the system ends the session there is no time for questions: edits are in their
 * journals, and what is being saved is whole or not there at all.
 */
export function watchLeaving(window: BrowserWindow, guard: LeaveGuard, log: (error: unknown) => void): void {
  let free = false;
  window.on('close', (event) => {
    if (free || guard.idle) return;
    event.preventDefault();
    guard
      .mayLeave()
      .then((may) => {
        if (!may || window.isDestroyed()) return;
        free = true;
        window.close();
      })
      .catch(log);
  });
  // Windows tells the window, macOS and Linux the program.
  window.on('session-end', () => {
    free = true;
  });
  const onShutdown = (): void => {
    free = true;
  };
  powerMonitor.on('shutdown', onShutdown);
  window.on('closed', () => powerMonitor.off('shutdown', onShutdown));
}
