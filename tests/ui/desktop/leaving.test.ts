import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DesktopApp } from '../drivers/app-under-test.ts';
import { launchDesktop } from '../drivers/launch.ts';
import { cli } from '../support/command-line.ts';
import { makeEdit, SAMPLE, SAMPLE_PATH } from '../support/sample.ts';

const FILE = 'm.safetensors';

async function openAndEdit(): Promise<DesktopApp> {
  const app = await launchDesktop({ put: { [FILE]: SAMPLE }, files: [FILE] });
  await makeEdit(app.page);
  return app;
}

const changed = (app: DesktopApp): boolean => cli('diff', SAMPLE_PATH, app.path(FILE)).identical !== true;

test('closing with unsaved edits asks: Cancel stays, and Save saves and ends the program', async () => {
  const app = await openAndEdit();
  await app.main.answerMessageBox('Cancel');
  await app.main.closeWindow();
  await app.page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
  expect(changed(app)).toBe(false);
  const { ended } = app;
  await app.main.answerMessageBox('Save');
  await app.main.closeWindow();
  expect(await ended).toBe(0);
  expect(changed(app)).toBe(true);
});

test("quitting asks, too; what Don't save leaves is offered again", async () => {
  const app = await openAndEdit();
  const { ended } = app;
  await app.main.answerMessageBox("Don't save");
  await app.main.quit();
  expect(await ended).toBe(0);
  expect(readFileSync(app.path(FILE)).equals(SAMPLE)).toBe(true);
  await app.restart('end', [FILE]);
  await app.page.getByRole('button', { name: 'Resume edits' }).waitFor();
});

test('without edits nothing is asked', async () => {
  const app = await launchDesktop({ put: { [FILE]: SAMPLE }, files: [FILE] });
  await app.page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  const { ended } = app;
  await app.main.clickMenu('File > Quit');
  expect(await ended).toBe(0);
});
