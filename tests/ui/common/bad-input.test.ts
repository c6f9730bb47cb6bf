import { appendFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { launch } from '../drivers/launch.ts';
import { chooseTensor, editTensor, makeEdit, SAMPLE } from '../support/sample.ts';

const FILE = 'm.safetensors';

const openOne = () => launch({ put: { [FILE]: SAMPLE }, files: [FILE] });

const BROKEN = [
  ['cut.safetensors', SAMPLE.subarray(0, 400_000), /400000|400,000|end|short|covered|cut/i],
  ['lfs.safetensors', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), /git.lfs/i],
  ['page.safetensors', Buffer.from('<!DOCTYPE html><html></html>'), /HTML/],
  ['empty.safetensors', Buffer.alloc(0), /empty/i],
] as const;

test('dropping a broken file shows one alert with the reason, and the open document stays', async () => {
  const app = await openOne();
  const { page } = app;
  const tree = page.getByRole('treegrid', { name: 'Tensors' });
  await tree.waitFor();
  for (const [name, bytes, reason] of BROKEN) {
    app.put(name, bytes);
    await app.drop(name);
    const alert = page.getByRole('alert').filter({ hasText: reason });
    await alert.waitFor();
    expect(await page.getByRole('alert').allTextContents()).toHaveLength(1);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await alert.waitFor({ state: 'hidden' });
  }
  await tree.getByRole('row', { name: 'model.position_ids', exact: true }).waitFor();
});

test('a value that the dtype cannot hold is refused in the dialog, and nothing changes', async () => {
  const { page } = await openOne();
  await editTensor(page, 'model.position_ids', { button: 'Fill…', text: '1.5' });
  const alert = page.getByRole('dialog').getByRole('alert');
  await alert.filter({ hasText: /int64|integer/ }).waitFor();
  await page.keyboard.press('Escape');
  const undo = page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Undo' });
  expect(await undo.isDisabled()).toBe(true);
});

test('a file that another program rewrites is announced, and saving asks before it overwrites', async () => {
  const app = await openOne();
  const { page } = app;
  const file = app.path(FILE);
  await makeEdit(page);
  writeFileSync(file, SAMPLE);
  utimesSync(file, new Date(), new Date(Date.now() + 5000));
  const changed = page.getByRole('alert').filter({ hasText: /changed/ });
  await changed.waitFor();

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /Overwrite/ });
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(readFileSync(file).equals(SAMPLE)).toBe(true);
});

test('reading a file that grew under the window says so instead of showing wrong values', async () => {
  const app = await openOne();
  const { page } = app;
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  appendFileSync(app.path(FILE), 'x');
  await chooseTensor(page, 'vision.projector.weight');
  const changed = page.getByText(/changed/).first();
  await changed.waitFor();
  expect(await page.getByRole('img', { name: /^Histogram/ }).count()).toBe(0);
});

test('a vanished file is announced and not asked about: saving says that it cannot be read', async () => {
  const app = await openOne();
  const { page } = app;
  await makeEdit(page);
  rmSync(app.path(FILE));
  await page.getByRole('alert').filter({ hasText: /gone/ }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const refused = page.getByRole('alert').filter({ hasText: /put the file back/ });
  await refused.waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});
