import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropFile, launchBrowser, openWindow, type Window } from './browser.ts';
import { ServeProcess } from './serve-process.ts';

const serve = new ServeProcess();
let browser: Browser;
let window: Window;

beforeAll(async () => {
  mkdirSync(serve.root);
  await serve.start();
  browser = await launchBrowser();
  window = await openWindow(browser, serve.url);
});
afterAll(async () => {
  await browser?.close();
  await serve.dispose();
});

const TENSOR = 'vision.projector.weight';

function cli(...args: string[]): Record<string, unknown> {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['dist/cli/parascope.js', ...args, '--json'], {
    encoding: 'utf8',
  });
  if (status !== 0 && status !== 1) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The cell in row and column, counted as the headers show them. */
const cellAt = (page: Page, row: number, column: number) =>
  page
    .getByRole('grid', { name: 'Cells' })
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: String(row), exact: true }) })
    .getByRole('gridcell')
    .nth(column);

test('drop, filter, look, change a cell, undo, redo, save as: the saved file is what the command line sees', async () => {
  const { page, problems } = window;
  await dropFile(page, { name: 'sample.safetensors', bytes: readFileSync('assets/sample.safetensors') });
  const tree = page.getByRole('treegrid', { name: 'Tensors' });
  await tree.waitFor();
  await page.getByText('38 tensors').waitFor();

  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill('projector');
  const row = tree.getByRole('row', { name: TENSOR, exact: true });
  await row.click();
  expect(await tree.getByRole('row', { name: 'lm_head.weight', exact: true }).count()).toBe(0);

  const statistics = page.getByRole('region', { name: 'Statistics' });
  await statistics.getByText('2,048').waitFor();
  await page.getByRole('img', { name: /^Histogram/ }).waitFor();

  const before = cli('values', 'assets/sample.safetensors', TENSOR, '1,2').values;
  await page.getByRole('tab', { name: 'Cells' }).click();
  const cell = cellAt(page, 1, 2);
  await cell.waitFor();
  await expect.poll(() => cell.textContent()).toMatch(/\d/);
  const shown = await cell.textContent();
  expect(Math.fround(Number(shown))).toBe(before);

  await cell.dblclick();
  await page.getByRole('textbox', { name: 'New value' }).fill('0.1');
  await page.keyboard.press('Enter');
  await expect.poll(() => cell.textContent()).toBe('0.1');

  const history = page.getByRole('region', { name: 'History' });
  await history.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => cell.textContent()).toBe(shown);
  await history.getByRole('button', { name: 'Redo' }).click();
  await expect.poll(() => cell.textContent()).toBe('0.1');

  await page.getByRole('button', { name: 'Save as…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /name/i }).fill('edited.safetensors');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(() => readdirSync(serve.root)).toContain('edited.safetensors');

  const saved = join(serve.root, 'edited.safetensors');
  const hashes = cli('hash', 'assets/sample.safetensors');
  const after = cli('hash', saved);
  expect(Object.keys(after).filter((name) => after[name] !== hashes[name])).toEqual([TENSOR]);
  expect(cli('diff', 'assets/sample.safetensors', saved)).toMatchObject({
    added: [],
    removed: [],
    changed: [{ name: TENSOR, kind: 'value', changedCount: 1 }],
  });
  expect(cli('values', saved, TENSOR, '1,2')).toMatchObject({ values: Math.fround(0.1) });
  expect(problems).toEqual([]);
});
