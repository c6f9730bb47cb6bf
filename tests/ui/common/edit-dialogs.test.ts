import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { host, launch } from '../drivers/launch.ts';
import { cli } from '../support/command-line.ts';
import { chooseTensor, SAMPLE } from '../support/sample.ts';

const TENSOR = 'vision.projector.weight';
const FILE = 'm.safetensors';

const ask = (page: Page, button: string) =>
  page.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: button }).click();

test('edit dialogs say what the edit would do, and the saved file has it', async () => {
  const app = await launch({ put: { [FILE]: SAMPLE }, files: [FILE] });
  const { page } = app;
  const dialog = page.getByRole('dialog');
  const preview = dialog.getByRole('region', { name: 'Preview' });
  const found: string[] = [];
  const check = async (name: string): Promise<void> => {
    await picture(page, `${host}-dialog-${name}`);
    found.push(...(await violations(page)).map((line) => `${name}: ${line}`));
  };

  await chooseTensor(page, TENSOR);
  await ask(page, 'Shape…');
  await dialog.getByRole('combobox', { name: 'Operation' }).selectOption('transpose');
  await preview.getByText(/transpose/i).waitFor();
  await check('shape');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await dialog.waitFor({ state: 'hidden' });

  await ask(page, 'Reinitialize…');
  await dialog.getByRole('textbox', { name: 'Seed' }).fill('7');
  await preview.getByText(/xavier/i).waitFor();
  await check('reinitialize');
  await dialog.getByRole('button', { name: 'Reinitialize' }).click();
  await dialog.waitFor({ state: 'hidden' });

  await ask(page, 'Arithmetic…');
  await dialog.getByRole('textbox', { name: 'Expression' }).fill('x * nothing');
  await dialog.getByText(/Nothing is called nothing here/).waitFor();
  await dialog.getByRole('textbox', { name: 'Expression' }).fill('x * 0 + 3');
  await preview.getByText(/x \* 0 \+ 3/).waitFor();
  await check('arithmetic');
  await dialog.getByRole('button', { name: 'Compute' }).click();
  await dialog.waitFor({ state: 'hidden' });

  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill('mlp.down_proj');
  await page.getByRole('button', { name: 'Select matches' }).click();
  await ask(page, 'Rename…');
  await dialog.getByRole('checkbox', { name: /as it is written/ }).check();
  await dialog.getByRole('checkbox', { name: /^Only in the names of the 3 chosen/ }).uncheck();
  await dialog.getByRole('textbox', { name: 'Text to find' }).fill('.mlp.');
  await dialog.getByRole('textbox', { name: 'Replacement' }).fill('.ffn.');
  await preview.getByText('model.layers.0.mlp.down_proj.weight → model.layers.0.ffn.down_proj.weight').waitFor();
  await check('find-and-replace');
  await dialog.getByRole('button', { name: 'Rename all' }).click();
  await dialog.waitFor({ state: 'hidden' });

  await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Export edits…' }).click();
  await expect.poll(() => dialog.getByRole('textbox', { name: 'Script' }).inputValue()).toMatch(/"seed": 7/);
  await check('export-edits');
  await dialog.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: 'Save plan…' }).click();
  await dialog.getByRole('region', { name: 'What the save does' }).getByText('Bytes to write').waitFor();
  await check('save-plan');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/^Saved /).waitFor();
  const { tensors } = cli('inspect', app.path(FILE), '--all') as { tensors: { name: string; shape: number[] }[] };
  expect(tensors.filter(({ name }) => name.includes('.mlp.'))).toEqual([]);
  expect(tensors.find(({ name }) => name === TENSOR)?.shape).toEqual([32, 64]);
  expect(cli('values', app.path(FILE), TENSOR, '0,0:2')).toMatchObject({ values: [3, 3] });
  expect(found).toEqual([]);
  expect(await app.problems()).toEqual([]);
});
