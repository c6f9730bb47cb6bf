import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const PLACES = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a Chromium on this machine (`CHROMIUM` names another), or null. */
export function findChromium() {
  const chosen = process.env.CHROMIUM;
  if (chosen) return isExecutable(chosen) ? chosen : null;
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...onPath, ...PLACES].find(isExecutable) ?? null;
}

/** Finds Chromium, or installs Debian's where apt can be run without a question; null where neither works. */
export function findOrInstallChromium() {
  const found = findChromium();
  if (found) return found;
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, 'apt-get', ...args];
    console.error(`$ ${[command, ...rest].join(' ')}`);
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'], env: environment }).status === 0;
  };
  if (apt('update') && apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation'))
    return findChromium();
  return null;
}
