import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { host, launch } from '../drivers/launch.ts';
import { chooseTensor, makeEdit, SAMPLE } from '../support/sample.ts';

const put = { 'one.safetensors': SAMPLE, 'two.safetensors': SAMPLE };

test('a file that is dropped on an open document is compared with it, merged into it, or opened', async () => {
  const app = await launch({ put, files: ['one.safetensors'] });
  const { page } = app;
  const tree = page.getByRole('treegrid', { name: 'Tensors' });
  await tree.waitFor();
  await makeEdit(page);
  await app.dropOnto(tree, 'two.safetensors');
  const offer = page.getByRole('dialog', { name: 'two.safetensors on one.safetensors' });
  await offer.getByRole('button', { name: 'Compare' }).click();

  await page.getByRole('heading', { name: 'one.safetensors compared with two.safetensors' }).waitFor();
  await page.getByRole('treegrid', { name: 'Differences' }).getByRole('row', { name: 'logit_scale' }).waitFor();
  await page.getByRole('button', { name: 'Close one.safetensors ↔ two.safetensors' }).click();
  await tree.waitFor();

  await app.dropOnto(tree, 'two.safetensors');
  await offer.getByRole('button', { name: 'Merge…' }).click();
  const merge = page.getByRole('dialog', { name: 'Copy 38 tensors into one.safetensors' });
  await merge.getByRole('radio', { name: /Leave them out/ }).check();
  await picture(page, `${host}-dialog-merge`);
  expect(await violations(page)).toEqual([]);
  await merge.getByRole('button', { name: 'Copy', exact: true }).click();
  await merge.getByRole('alert').waitFor();
  await merge.getByRole('radio', { name: /Replace/ }).check();
  await merge.getByRole('button', { name: 'Copy', exact: true }).click();
  await merge.waitFor({ state: 'hidden' });
  await page.getByRole('list', { name: 'Edits' }).getByRole('listitem').filter({ hasText: '38 tensors' }).waitFor();
  expect(await app.problems()).toEqual([]);
});

test('rows are dragged from one document to the tab of another', async () => {
  const app = await launch({ put, files: ['one.safetensors', 'two.safetensors'] });
  if (app.host !== 'serve') return;
  const { page } = app;
  await page.getByRole('heading', { name: /safetensors$/, level: 1 }).waitFor();
  const tabs = page.getByRole('navigation', { name: 'Open documents' });
  await tabs.getByRole('button', { name: 'one.safetensors', exact: true }).click();
  await chooseTensor(page, 'logit_scale');
  const row = page.getByRole('row', { name: 'logit_scale', exact: true });
  await row.dragTo(tabs.getByRole('button', { name: 'two.safetensors', exact: true }));
  const dialog = page.getByRole('dialog', { name: 'Copy 1 tensor into two.safetensors' });
  await dialog.getByRole('radiogroup', { name: 'Where names collide' }).waitFor();
  expect(await app.problems()).toEqual([]);
});
