/** Finds the Electron binary, or downloads it where the network lets it come at once. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Without a first byte after this long there is no way to the download. */
const FIRST_BYTE_MS = 5_000;
/** A download that has begun may pause this long (unpacking writes in bursts). */
const STALL_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** The folder of the npm package `electron`, whose binary is downloaded separately. */
export function electronPackage() {
  return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
}

/** The path of the binary as the package's own index.js resolves it, or null where it is not there. */
export function findElectron(folder = electronPackage(), environment = process.env) {
  const named = join(folder, 'path.txt');
  if (!existsSync(named)) return null;
  const dist = environment.ELECTRON_OVERRIDE_DIST_PATH || join(folder, 'dist');
  const binary = join(dist, readFileSync(named, 'utf8'));
  return existsSync(binary) ? binary : null;
}

/**
 * Runs the package's installer for as long as bytes arrive. Answers null where it worked, else the
 * reason in a few words.
 */
export async function downloadElectron(folder = electronPackage(), limits = {}) {
  const { firstByteMs = FIRST_BYTE_MS, stallMs = STALL_MS } = limits;
  const scratch = mkdtempSync(join(tmpdir(), 'parascope-electron-'));
  const installer = spawn(process.execPath, [join(folder, 'install.js')], {
    env: { ...process.env, TMPDIR: scratch, TEMP: scratch, TMP: scratch },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  installer.stderr.on('data', (text) => {
    errors += text;
  });
  const stopWatching = watchBytes([scratch, join(folder, 'dist')], (silence, begun) => {
    if (silence < (begun ? stallMs : firstByteMs)) return;
    errors = `no byte arrived in ${Math.round(silence / 1_000)} s`;
    installer.kill('SIGKILL');
  });
  try {
    const status = await new Promise((done) => {
      installer.once('error', () => done(-1));
      installer.once('close', done);
    });
    return status === 0 ? null : reasonOf(errors);
  } finally {
    stopWatching();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The first line of a stack, without the class: `fetch failed`, `getaddrinfo ENOTFOUND github.com`. */
export function reasonOf(errors) {
  const line = errors.split('\n').find((text) => text.trim() !== '') ?? 'no reason given';
  return line
    .replace(/^(?:\w*Error:\s*)+/, '')
    .trim()
    .slice(0, 100);
}

/** Tells `look` how long nothing has been written under the folders, and whether anything ever was. */
function watchBytes(folders, look) {
  let known = folders.reduce((sum, folder) => sum + bytesUnder(folder), 0);
  let since = Date.now();
  let begun = false;
  const timer = setInterval(() => {
    const bytes = folders.reduce((sum, folder) => sum + bytesUnder(folder), 0);
    if (bytes !== known) {
      known = bytes;
      since = Date.now();
      begun = true;
    }
    look(Date.now() - since, begun);
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function bytesUnder(folder) {
  if (!existsSync(folder)) return 0;
  let sum = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // A file may be renamed away between the listing and the look.
    sum += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}
