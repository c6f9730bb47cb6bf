import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { launch } from '../drivers/launch.ts';
import { cli } from '../support/command-line.ts';
import { chooseTensor, makeEdit, SAMPLE, SAMPLE_PATH } from '../support/sample.ts';

const TENSOR = 'vision.projector.weight';

/** The cell in row and column, counted as the headers show them. */
const cellAt = (page: Page, row: number, column: number) =>
  page
    .getByRole('grid', { name: 'Cells' })
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: String(row), exact: true }) })
    .getByRole('gridcell')
    .nth(column);

test('drop, filter, look, change a cell, undo, redo, save as: the saved file is what the command line sees', async () => {
  const app = await launch({ put: { 'sample.safetensors': SAMPLE } });
  const { page } = app;
  await app.drop('sample.safetensors');
  const tree = page.getByRole('treegrid', { name: 'Tensors' });
  await tree.waitFor();
  await page.getByText('38 tensors').waitFor();

  await chooseTensor(page, TENSOR);
  expect(await tree.getByRole('row', { name: 'lm_head.weight', exact: true }).count()).toBe(0);
  await page.getByRole('region', { name: 'Statistics' }).getByText('2,048').waitFor();
  await page.getByRole('img', { name: /^Histogram/ }).waitFor();
  await page.getByRole('tab', { name: 'Heatmap' }).click();
  await page.getByRole('img', { name: /heatmap/i }).waitFor();

  const before = cli('values', SAMPLE_PATH, TENSOR, '1,2').values;
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

  await app.saveAs('edited.safetensors');
  const saved = app.path('edited.safetensors');
  await expect.poll(() => existsSync(saved)).toBe(true);
  const hashes = cli('hash', SAMPLE_PATH);
  const after = cli('hash', saved);
  expect(Object.keys(after).filter((name) => after[name] !== hashes[name])).toEqual([TENSOR]);
  expect(cli('diff', SAMPLE_PATH, saved)).toMatchObject({
    added: [],
    removed: [],
    changed: [{ name: TENSOR, kind: 'value', changedCount: 1 }],
  });
  expect(cli('values', saved, TENSOR, '1,2')).toMatchObject({ values: Math.fround(0.1) });
  expect(await app.problems()).toEqual([]);
});

test('Save writes the edit into the file, and edits of a killed program are offered again', async () => {
  const app = await launch({ put: { 'm.safetensors': SAMPLE }, files: ['m.safetensors'] });
  await makeEdit(app.page);
  await app.restart('kill');
  await app.page
    .getByRole('region', { name: 'Unsaved edits' })
    .getByRole('button', { name: /m\.safetensors/ })
    .click();
  await app.page.getByRole('button', { name: 'Resume edits' }).click();
  await app.page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
  expect(cli('diff', SAMPLE_PATH, app.path('m.safetensors'))).toMatchObject({ identical: true });
  await app.page.getByRole('button', { name: 'Save', exact: true }).click();
  await app.page.getByText(/^Saved /).waitFor();
  expect(cli('diff', SAMPLE_PATH, app.path('m.safetensors'))).toMatchObject({
    changed: [{ name: 'logit_scale', changedCount: 1 }],
  });
});
