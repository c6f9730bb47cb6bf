/**
 * Measures the window on large checkpoints, in Chromium against the built `serve`:
 *
 *   npm run build && node tests/bench/window.mjs
 *
 * Prints, for a small file, one of 200,000 tensors and a sparse one of 20 GB: the time from the
 * command to open until the first rows are on screen (median of five), the resident memory of the
 * host, and for the many tensors the longest time for which a jump of the scroll bar left the tree
 * without rows; for a 150,000 × 8,192 matrix of float32 (holes of a sparse file, so always cached), the time to the
 * first heatmap, to that of all elements (medians of five) and to the last cell.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { findChromium } from '../../scripts/find-chromium.mjs';
import { writeManyTensors, writeSparse, writeTallMatrix } from './large-files.mjs';

const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'parascope-bench-'));
const root = join(folder, 'models');
mkdirSync(root);
copyFileSync('assets/sample.safetensors', join(root, 'small.safetensors'));
writeManyTensors(join(root, 'many.safetensors'), 200_000);
writeSparse(join(root, 'sparse.safetensors'), 20e9);
writeTallMatrix(join(root, 'tall.safetensors'));

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const residentMB = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000);

async function serve(...files) {
  const child = spawn(process.execPath, ['dist/cli/parascope.js', 'serve', '--json', '--root', root, ...files], {
    env: { ...process.env, PARASCOPE_STATE: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return { child, url: JSON.parse(line).url };
}

const browser = await chromium.launch({
  executablePath: findChromium(),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});

/**
 * Resolves in the page to the milliseconds from the double click on a file to the frame after the
 * tree's first rows; asked from outside, the answer would wait for the driver's next look.
 */
function watchOpening(page) {
  return page.evaluate(() => {
    let clicked = 0;
    addEventListener(
      'dblclick',
      () => {
        clicked = performance.now();
      },
      { capture: true, once: true },
    );
    globalThis.opened = new Promise((resolve) => {
      const look = () => {
        const rows = document.querySelectorAll('[role=treegrid][aria-label=Tensors] [role=row]').length;
        if (clicked > 0 && rows > 3) requestAnimationFrame(() => resolve(performance.now() - clicked));
        else requestAnimationFrame(look);
      };
      look();
    });
  });
}

/** Resolves in the page to the milliseconds from the next click to the frame in which a canvas is there. */
function watchPicture(page) {
  return page.evaluate(() => {
    globalThis.painted = new Promise((resolve) => {
      addEventListener(
        'click',
        () => {
          const clicked = performance.now();
          const look = () => {
            if (document.querySelector('canvas[role=img]')) resolve(performance.now() - clicked);
            else requestAnimationFrame(look);
          };
          look();
        },
        { capture: true, once: true },
      );
    });
  });
}

/** Opens `name` through the dialog, as a user does, and times it from the last click. */
async function timeOpening(name) {
  const times = [];
  let memory = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { child, url } = await serve();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    await page.getByRole('button', { name: 'Open a file…' }).click();
    const file = page.getByRole('dialog').getByText(name, { exact: true });
    await file.waitFor();
    await watchOpening(page);
    await file.dblclick();
    times.push(await page.evaluate(() => globalThis.opened));
    memory = Math.max(memory, residentMB(child.pid));
    await page.close();
    child.kill();
  }
  return { 'open to rows, ms': Math.round(median(times)), 'host, MB resident': memory };
}

/** Jumps through the tree and looks, frame by frame, for how long no row covers the middle of it. */
async function longestBlank(name) {
  const { child, url } = await serve(join(root, name));
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await page.getByRole('treegrid', { name: 'Tensors' }).getByRole('row').nth(3).waitFor();
  const blank = await page.evaluate(async () => {
    const grid = document.querySelector('[role=treegrid][aria-label=Tensors]');
    let scroller = grid;
    while (scroller && scroller.scrollHeight <= scroller.clientHeight + 1) scroller = scroller.parentElement;
    const box = scroller.getBoundingClientRect();
    const covered = () =>
      document
        .elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
        .some((element) => element.closest('[role=row]'));
    let longest = 0;
    for (let jump = 0; jump < 60; jump++) {
      scroller.scrollTop = Math.abs(Math.sin(jump * 7.3)) * scroller.scrollHeight;
      const moved = performance.now();
      do await new Promise(requestAnimationFrame);
      while (!covered());
      longest = Math.max(longest, performance.now() - moved);
    }
    return longest;
  });
  await page.close();
  child.kill();
  return { 'longest jump to rows, ms': Math.round(blank) };
}

/** The heatmap of the whole matrix, by a host that has not seen it, and then its last cell. */
async function lookAtTallMatrix() {
  const { child, url } = await serve(join(root, 'tall.safetensors'));
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await page.getByRole('row', { name: 'embed.weight', exact: true }).click();
  await watchPicture(page);
  let started = performance.now();
  await page.getByRole('tab', { name: 'Heatmap' }).click();
  const first = await page.evaluate(() => globalThis.painted);
  await page.getByText('Sampled', { exact: true }).waitFor({ state: 'hidden' });
  const exact = performance.now() - started;
  await page.getByRole('tab', { name: 'Cells' }).click();
  const goTo = page.getByRole('textbox', { name: 'Go to cell' });
  await goTo.fill('149999, 8191');
  started = performance.now();
  await goTo.press('Enter');
  await page.getByRole('rowheader', { name: '149999', exact: true }).waitFor();
  const lastCell = performance.now() - started;
  const memory = residentMB(child.pid);
  await page.close();
  child.kill();
  return { first, exact, lastCell, memory };
}

async function tallMatrix() {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await lookAtTallMatrix());
  const middle = (of) => Math.round(median(rounds.map(of)));
  return {
    'first heatmap, ms': middle(({ first }) => first),
    'of all elements, ms': middle(({ exact }) => exact),
    'to the last cell, ms': middle(({ lastCell }) => lastCell),
    'host, MB resident': Math.max(...rounds.map(({ memory }) => memory)),
  };
}

const report = (what, figures) => {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${what}: ${text.join('; ')}\n`);
};

try {
  report('small (0.6 MB)', await timeOpening('small.safetensors'));
  report('200,000 tensors', {
    ...(await timeOpening('many.safetensors')),
    ...(await longestBlank('many.safetensors')),
  });
  report('sparse (20 GB)', await timeOpening('sparse.safetensors'));
  report('150,000 × 8,192', await tallMatrix());
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
