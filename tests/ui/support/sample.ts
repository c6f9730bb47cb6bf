import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

export const SAMPLE_PATH = 'assets/sample.safetensors';
export const SAMPLE = readFileSync(SAMPLE_PATH);

/** Finds one tensor by the filter and chooses its row. */
export async function chooseTensor(page: Page, name: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill(name);
  await page.getByRole('treegrid', { name: 'Tensors' }).getByRole('row', { name, exact: true }).click();
}

/** Edits a tensor by the toolbar: `Fill…` and the like, with the one text that its dialog asks for. */
export async function editTensor(page: Page, name: string, how: { readonly button: string; readonly text: string }) {
  await chooseTensor(page, name);
  await page.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: how.button }).click();
  await page.getByRole('dialog').getByRole('textbox').fill(how.text);
  await page.keyboard.press('Enter');
}

/** Fills `logit_scale` with 2 and waits until the edit is in the history. */
export async function makeEdit(page: Page): Promise<void> {
  await editTensor(page, 'logit_scale', { button: 'Fill…', text: '2' });
  await page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
}
