import type { WebContents } from 'electron';
import { allowsNavigation } from '../navigation-policy.ts';
import { allowsPermission } from '../permission-policy.ts';

/** What every window of ours is made with. */
export const CONFINED_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const;

/** No way out of the one page that a window shows, and no permissions. */
export function confine(contents: WebContents, allows: (url: string) => boolean = allowsNavigation): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => {
    if (!allows(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !allows(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(allowsPermission(permission, details.requestingUrl)),
  );
  contents.session.setPermissionCheckHandler((_contents, permission, origin) => allowsPermission(permission, origin));
  contents.session.setDevicePermissionHandler(() => false);
}
