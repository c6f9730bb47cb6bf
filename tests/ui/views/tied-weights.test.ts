import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { host, launch } from '../drivers/launch.ts';
import { cli } from '../support/command-line.ts';
import { chooseTensor, editTensor, SAMPLE } from '../support/sample.ts';

const [FIRST, SECOND] = ['model.layers.0.mlp.down_proj.weight', 'model.layers.1.mlp.down_proj.weight'];
const put = { 'one.safetensors': SAMPLE, 'two.safetensors': SAMPLE };

const ask = (page: Page, button: string) =>
  page.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: button }).click();

const edits = (page: Page) =>
  page.getByRole('region', { name: 'History' }).getByRole('list', { name: 'Edits' }).getByRole('listitem');

async function chooseAll(page: Page, filter: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill(filter);
  await page.getByRole('button', { name: 'Select matches' }).click();
}

test('tied weights are shown, change together, and come apart where the user says so', async () => {
  const app = await launch({ put, files: ['one.safetensors'] });
  const { page } = app;
  const dialog = page.getByRole('dialog');
  const tree = page.getByRole('treegrid', { name: 'Tensors' });
  const found: string[] = [];
  const check = async (name: string): Promise<void> => {
    await picture(page, `${host}-ties-${name}`);
    found.push(...(await violations(page)).map((line) => `${name}: ${line}`));
  };

  await chooseAll(page, 'mlp.down_proj');
  await ask(page, 'Tie…');
  await dialog.getByRole('combobox', { name: 'All become' }).selectOption(SECOND);
  await dialog.getByText(`Tie 2 tensors to ${SECOND}`).waitFor();
  await check('dialog');
  await dialog.getByRole('button', { name: 'Tie', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(() => tree.getByRole('row').getByText('tied', { exact: true }).count()).toBe(3);

  await chooseTensor(page, FIRST);
  await page.getByRole('region', { name: 'Tied to' }).getByText(SECOND).waitFor();
  await check('overview');

  await ask(page, 'Fill…');
  const value = dialog.getByRole('textbox', { name: 'Value' });
  await value.fill('many');
  await expect.poll(() => value.getAttribute('aria-invalid')).toBe('true');
  await check('bad-value');
  await value.fill('2');
  await dialog.getByText(/and what is tied to it/).waitFor();
  const untie = dialog.getByRole('checkbox', { name: /^Untie/ });
  await check('fill');
  await untie.check();
  await dialog.getByText(`Fill ${FIRST} with 2`, { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Fill', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('region', { name: 'Tied to' }).waitFor({ state: 'hidden' });
  await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Undo' }).click();

  await page.getByRole('region', { name: 'Tied to' }).getByRole('button', { name: 'Untie' }).click();
  await page.getByRole('region', { name: 'Tied to' }).waitFor({ state: 'hidden' });
  await expect
    .poll(() => edits(page).allTextContents())
    .toEqual([expect.stringContaining(`Tie 2 tensors to ${SECOND}`), expect.stringContaining(`Untie ${FIRST}`)]);
  expect(found).toEqual([]);
  expect(await app.problems()).toEqual([]);
});

test('a replacement in names is of the chosen tensors, and shows what stands against it', async () => {
  const app = await launch({ put, files: ['one.safetensors'] });
  const { page } = app;
  const dialog = page.getByRole('dialog');
  await chooseAll(page, 'mlp.down_proj');
  await ask(page, 'Rename…');
  const expression = dialog.getByRole('textbox', { name: 'Regular expression' });
  await expression.fill('(');
  await expect.poll(() => expression.getAttribute('aria-invalid')).toBe('true');
  await expression.fill('layers\\.\\d+');
  await dialog.getByRole('textbox', { name: 'Replacement' }).fill('layer');
  await dialog.getByText('3 of 3 names change.').waitFor();
  await dialog.getByRole('alert').filter({ hasText: '2 new names cannot be' }).waitFor();
  const names = dialog.getByRole('list', { name: 'Names that change' }).getByRole('listitem');
  expect(await names.first().textContent()).toMatch(/would get that name too/);
  await picture(page, `${host}-rename-collision`);
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('textbox', { name: 'Replacement' }).fill('$&.block');
  await expect.poll(() => dialog.getByRole('alert').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Rename all' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(() => edits(page).allTextContents()).toEqual([expect.stringContaining('3 tensors')]);
  expect(await app.problems()).toEqual([]);
});

test('values are patched in place where the user wants it, and edited tensors copied as one edit', async () => {
  const app = await launch({ put, files: ['one.safetensors', 'two.safetensors'] });
  const { page } = app;
  const dialog = page.getByRole('dialog');
  const show = (name: string) =>
    page.getByRole('navigation', { name: 'Open documents' }).getByRole('button', { name, exact: true }).click();
  await show('one.safetensors');
  await editTensor(page, FIRST, { button: 'Fill…', text: '3' });
  await edits(page).first().waitFor();

  await chooseAll(page, 'mlp.down_proj');
  await ask(page, 'Copy tensors');
  await show('two.safetensors');
  await page.getByRole('heading', { name: 'two.safetensors', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Paste tensors' }).click();
  await dialog.getByRole('radio', { name: /Replace/ }).check();
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await expect
    .poll(() => edits(page).allTextContents())
    .toEqual([expect.stringContaining('Copy 3 tensors from one.safetensors')]);

  await page.getByRole('button', { name: 'Save plan…' }).click();
  const plan = dialog.getByRole('region', { name: 'What the save does' });
  await dialog.getByRole('checkbox', { name: 'In place' }).check();
  await plan.getByText(/patched in place/).waitFor();
  await picture(page, `${host}-save-in-place`);
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/^Saved /).waitFor();
  expect(cli('values', app.path('two.safetensors'), FIRST, '0,0:2')).toMatchObject({ values: [3, 3] });
  expect(await app.problems()).toEqual([]);
});
