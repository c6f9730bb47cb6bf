/**
 * `npm test`: lint (import layers included), types, build, then every test; window tests drive
 * Chromium, which is found or installed. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findElectron } from './electron-binary.mjs';
import { findOrInstallChromium } from './find-chromium.mjs';
import { findSwiftShader } from './find-swiftshader.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tally = { passed: 0, failed: 0, skipped: 0 };

function run(title, command, args) {
  console.error(`\n— ${title}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(error.message);
  return status === 0;
}

/** A step that is one check of its own. */
function check(title, command, args) {
  const ok = run(title, command, args);
  tally[ok ? 'passed' : 'failed']++;
  return ok;
}

const npm = (script) => [process.platform === 'win32' ? 'npm.cmd' : 'npm', ['run', '--silent', script]];

function runVitest(projects) {
  const folder = mkdtempSync(join(tmpdir(), 'parascope-test-'));
  const outputFile = join(folder, 'results.json');
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects.flatMap((p) => ['--project', p]),
  ];
  const ok = run('tests', process.execPath, [
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${outputFile}`,
  ]);
  try {
    const results = JSON.parse(readFileSync(outputFile, 'utf8'));
    tally.passed += results.numPassedTests;
    tally.failed += results.numFailedTests;
    tally.skipped += results.numPendingTests + results.numTodoTests;
    // A file that fails before its first test has no test to count.
    if (!ok && results.numFailedTests === 0) tally.failed++;
  } catch {
    tally.failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The window's suite runs on `serve`, on the shell over a double of Electron, and on Electron where it is here. */
function windowProjects() {
  const desktop = findElectron() && canShowWindows();
  if (!desktop) {
    console.error(
      "*** Skipped: the window's suite on real Electron (its binary or a display is not here). " +
        'The shell runs on the double of Electron instead (tests/electron-double). ***',
    );
  }
  return ['e2e', 'ui-serve', 'ui-double', ...(desktop ? ['ui-electron'] : [])];
}

/** What Parameters do on several devices is tested once more on gpus, where SwiftShader can play them. */
function deviceProjects() {
  return findSwiftShader() ? ['unit-gpus', 'unit-mixed'] : [];
}

function canShowWindows() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

check('lint', ...npm('lint'));
if (check('build', ...npm('build'))) {
  check('types', ...npm('typecheck'));
  const chromium = findOrInstallChromium();
  if (chromium) process.env.CHROMIUM = chromium;
  else {
    tally.failed++;
    console.error(
      'The window tests need Chromium, which is neither here nor could apt install it: install Chromium or ' +
        'Chrome, or set CHROMIUM to its path, and run npm test again.',
    );
  }
  runVitest(['unit', ...deviceProjects(), 'fixtures', 'fuzz', ...(chromium ? windowProjects() : [])]);
}

const { passed, failed, skipped } = tally;
if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
