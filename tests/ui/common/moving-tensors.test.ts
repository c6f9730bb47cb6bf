import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { violations } from '../../e2e/axe.ts';
import { launch } from '../drivers/launch.ts';
import { cli } from '../support/command-line.ts';
import { chooseTensor, SAMPLE, SAMPLE_PATH } from '../support/sample.ts';

const TENSOR = 'vision.projector.weight';
const put = { 'one.safetensors': SAMPLE, 'two.safetensors': SAMPLE };

const showDocument = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Open documents' }).getByRole('button', { name, exact: true }).click();

test('tensors are copied and pasted by the keyboard, with a choice where names collide', async () => {
  const app = await launch({ put, files: ['one.safetensors', 'two.safetensors'] });
  const { page } = app;
  await showDocument(page, 'one.safetensors');
  await chooseTensor(page, TENSOR);
  const tree = page.getByRole('treegrid', { name: 'Tensors' });
  await tree.press('Control+c');
  await page.getByText(/1 tensor copied/).waitFor();
  await showDocument(page, 'two.safetensors');
  await page.getByRole('heading', { name: 'two.safetensors', level: 1 }).waitFor();
  await tree.press('Control+v');

  const dialog = page.getByRole('dialog', { name: 'Copy 1 tensor into two.safetensors' });
  const copy = dialog.getByRole('button', { name: 'Copy', exact: true });
  await dialog.getByRole('radiogroup', { name: 'Where names collide' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await copy.click();
  await dialog
    .getByRole('alert')
    .filter({ hasText: /Choose/ })
    .waitFor();
  await dialog.getByRole('radio', { name: /Keep both/ }).check();
  await copy.click();
  await dialog.waitFor({ state: 'hidden' });
  await page
    .getByRole('region', { name: 'History' })
    .getByRole('list', { name: 'Edits' })
    .getByRole('listitem')
    .waitFor();

  await app.saveAs('both.safetensors');
  await page.getByText(/^Saved /).waitFor();
  const { added, changed } = cli('diff', SAMPLE_PATH, app.path('both.safetensors'));
  expect(changed).toEqual([]);
  expect(added).toEqual([expect.stringContaining(TENSOR)]);
  expect(await app.problems()).toEqual([]);
});
