/**
 * `npm start -- [FILE…]`: builds what is missing or older than its sources, then opens the desktop
 * window; where Electron cannot run, the same window in the browser.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadElectron, findElectron } from './electron-binary.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// npm runs scripts in the package's folder; INIT_CWD is where the user stood.
const invokedFrom = process.env.INIT_CWD ?? process.cwd();
const files = process.argv.slice(2).map((file) => resolve(invokedFrom, file));

/** A binary that gives up sooner than this, and not at the user's Ctrl-C, never showed a window. */
const STARTED_MS = 8_000;

const PARTS = [
  { script: 'build:core', output: 'dist/cli/parascope.js', sources: ['core', 'cli', 'tsconfig.json'] },
  { script: 'build:pages', output: 'dist/renderer/index.html', sources: ['renderer'] },
  { script: 'build:pages', output: 'dist/electron/main/index.js', sources: ['electron', 'electron.vite.config.ts'] },
  {
    script: 'build:pages',
    output: 'dist/electron/gpu-window/index.html',
    sources: ['electron', 'core/device', 'gpu.vite.config.ts'],
  },
];

function newest(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  const times = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
  return Math.max(0, ...times);
}

function isStale({ output, sources }) {
  const built = statSync(join(root, output), { throwIfNoEntry: false });
  return !built || sources.some((source) => newest(join(root, source)) > built.mtimeMs);
}

function buildWhatIsStale() {
  const scripts = new Set(PARTS.filter(isStale).map(({ script }) => script));
  if (scripts.size > 0) console.error('Building Parascope (once, under a minute)…');
  for (const script of scripts) {
    const shell = process.platform === 'win32';
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], {
      cwd: root,
      encoding: 'utf8',
      shell,
    });
    if (status === 0) continue;
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    console.error(`The build failed (npm run ${script}).`);
    process.exit(1);
  }
}

/** Runs a program in the foreground; Ctrl-C reaches it through the terminal, SIGTERM through us. */
function run(command, args) {
  const startedAt = Date.now();
  const child = spawn(command, args, { cwd: invokedFrom, stdio: 'inherit' });
  let interrupted = false;
  const onInterrupt = () => {
    interrupted = true;
  };
  const forward = () => child.kill('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', forward);
  return new Promise((done) => {
    const finish = (status) => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', forward);
      done({ status, wanted: interrupted || Date.now() - startedAt > STARTED_MS });
    };
    child.once('error', (error) => {
      console.error(error.message);
      finish(1);
    });
    child.once('close', (status) => finish(status ?? 1));
  });
}

/** Answers why the desktop window cannot be opened, or ends with it. */
async function tryDesktop() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY && findElectron()) {
    return 'This machine has no display for the desktop window';
  }
  if (!findElectron()) {
    const reason = await downloadElectron();
    if (reason !== null) return `Electron's binary is not here and could not be downloaded (${reason})`;
  }
  const binary = findElectron();
  if (!binary) return "Electron's binary is not here although its installer ended well";
  const { status, wanted } = await run(binary, [root, ...files]);
  if (status === 0 || wanted) process.exit(status);
  return `Electron ended with status ${status} before it showed a window`;
}

buildWhatIsStale();
const obstacle = await tryDesktop();
console.error(`${obstacle}; opening the same window in your browser.`);
const { status } = await run(process.execPath, [join(root, 'dist/cli/parascope.js'), 'serve', ...files, '--open']);
process.exit(status);
