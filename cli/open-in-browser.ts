import { spawn } from 'node:child_process';

/** Asks the desktop to open `url`; where there is no desktop nothing happens, and the printed URL serves. */
export function openInBrowser(url: string): void {
  const [command, ...leading] = opener();
  const child = spawn(command, [...leading, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

function opener(): [command: string, ...args: string[]] {
  switch (process.platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['explorer.exe'];
    default:
      return ['xdg-open'];
  }
}
