import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import { SAMPLE } from '../support/sample.ts';

const put = { 'one.safetensors': SAMPLE, 'two.safetensors': SAMPLE };

test('a second start opens its files in the window that is there, and ends', async () => {
  const app = await launchDesktop({ put, files: ['one.safetensors'] });
  await app.page.getByRole('heading', { name: 'one.safetensors', level: 1 }).waitFor();
  expect(await app.startAgain('two.safetensors')).toBe(0);
  await app.page.getByRole('heading', { name: 'two.safetensors', level: 1 }).waitFor();
  const tabs = app.page.getByRole('navigation', { name: 'Open documents' }).getByRole('listitem');
  expect(await tabs.count()).toBe(2);
  expect(await app.problems()).toEqual([]);
});

test('a file that the file manager opens comes to the window', async () => {
  const app = await launchDesktop({ put });
  await app.page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await app.main.evaluate(({ app: electronApp }, path) => {
    electronApp.emit('open-file', { preventDefault: () => {} }, path);
  }, app.path('one.safetensors'));
  await app.page.getByRole('heading', { name: 'one.safetensors', level: 1 }).waitFor();
  expect(await app.problems()).toEqual([]);
});

test('a file from outside that cannot be opened is told in a box of the platform', async () => {
  const app = await launchDesktop({ put: { ...put, 'empty.safetensors': new Uint8Array() } });
  await app.page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await app.main.collectErrors();
  await app.startAgain('empty.safetensors', 'one.safetensors');
  await app.page.getByRole('heading', { name: 'one.safetensors', level: 1 }).waitFor();
  expect(await app.main.takeErrors()).toEqual([expect.stringMatching(/could not be opened: .*empty/)]);
});

test('a dialog that is cancelled changes nothing', async () => {
  const app = await launchDesktop({ put, files: ['one.safetensors'] });
  const { page, main } = app;
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  await main.answerOpenDialog(null);
  await page.getByRole('button', { name: 'Open…' }).click();
  await main.answerSaveDialog(null);
  await page.getByRole('button', { name: 'Save as…' }).click();
  await page.getByRole('heading', { name: 'one.safetensors', level: 1 }).waitFor();
  expect(await page.getByRole('navigation', { name: 'Open documents' }).getByRole('listitem').count()).toBe(1);
  expect(await app.problems()).toEqual([]);
});
