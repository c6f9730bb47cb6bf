import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTallMatrix } from '../bench/large-files.mjs';
import { launchBrowser, openWindow } from './browser.ts';
import { ServeProcess } from './serve-process.ts';

const serve = new ServeProcess();
let browser: Browser;

beforeAll(async () => {
  mkdirSync(serve.root);
  const file = join(serve.root, 'm.safetensors');
  copyFileSync('assets/sample.safetensors', file);
  writeTallMatrix(join(serve.root, 'tall.safetensors'));
  await serve.start(file);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await serve.dispose();
});

test('two windows show one document: edits, undo and closing reach both, and neither turns the page of the other', async () => {
  const [one, two] = [await openWindow(browser, serve.url), await openWindow(browser, serve.url)];
  const [first, second] = [one.page, two.page];
  const historyOfSecond = second.getByRole('region', { name: 'History' });
  await historyOfSecond.waitFor();

  await first.getByRole('searchbox', { name: 'Filter tensors' }).fill('logit_scale');
  await first.getByRole('row', { name: 'logit_scale', exact: true }).click();
  await first.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: 'Rename…' }).click();
  await first.getByRole('dialog').getByRole('textbox', { name: 'New name' }).fill('aaa_scale');
  await first.keyboard.press('Enter');

  await historyOfSecond.getByText(/Rename/).waitFor();
  await second.getByRole('searchbox', { name: 'Filter tensors' }).fill('scale');
  await second.getByRole('row', { name: 'aaa_scale', exact: true }).waitFor();
  await historyOfSecond.getByRole('button', { name: 'Undo' }).click();
  await first.getByRole('heading', { name: 'logit_scale' }).waitFor();
  expect(await first.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Redo' }).isEnabled()).toBe(
    true,
  );

  const tabsOfSecond = second.getByRole('navigation', { name: 'Open documents' });
  copyFileSync('assets/sample.safetensors', join(serve.root, 'other.safetensors'));
  await first.getByRole('button', { name: 'Open…' }).click();
  await first
    .getByRole('dialog')
    .getByRole('button', { name: /^other/ })
    .click();
  await tabsOfSecond.getByRole('button', { name: 'other.safetensors', exact: true }).waitFor();
  await second.getByRole('heading', { name: 'm.safetensors', level: 1 }).waitFor();

  await first.getByRole('button', { name: 'Close other.safetensors' }).click();
  await tabsOfSecond.getByRole('button', { name: 'other.safetensors', exact: true }).waitFor({ state: 'hidden' });
  expect([...one.problems, ...two.problems]).toEqual([]);
  await one.context.close();
  await two.context.close();
});

test.each([
  [1440, 900],
  [1000, 700],
  [720, 450],
])('in %i by %i pixels the cells of a tall matrix are read to the last row', async (width, height) => {
  const { page, context, problems } = await openWindow(browser, serve.url);
  await page.setViewportSize({ width, height });
  await page.getByRole('button', { name: 'Open…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^tall/ }).click();
  await page.getByRole('row', { name: 'embed.weight', exact: true }).click();
  await page.getByRole('tab', { name: 'Cells' }).click();
  const grid = page.getByRole('grid', { name: 'Cells' });
  await grid.focus();
  await page.keyboard.press('Control+End');
  const last = grid.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '149999', exact: true }) });
  await expect.poll(() => last.getByRole('gridcell').last().textContent()).toBe('0');
  expect(await grid.getByRole('row').count()).toBeLessThan(60);
  expect(problems).toEqual([]);
  await context.close();
});
