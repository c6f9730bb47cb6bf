import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { float32, safetensorsBytes } from '../../unit/workspace/support.ts';
import { launch } from '../drivers/launch.ts';
import { LARGE_TENSOR, writeLargeFile } from '../support/large-file.ts';
import { chooseTensor } from '../support/sample.ts';

const picture = (page: Page, name: RegExp | string) => page.getByRole('img', { name });

test('a heatmap is moved by keys and buttons, and says how its colours were chosen', async () => {
  const values = Array.from({ length: 64 * 40 }, (_, k) => (k === 7 ? 1000 : (k % 101) - 25));
  const put = {
    'a.safetensors': safetensorsBytes([{ name: 'w', dtype: 'F32', shape: [64, 40], bytes: float32(...values) }]),
  };
  const app = await launch({ put, files: ['a.safetensors'] });
  const { page } = app;
  await chooseTensor(page, 'w');
  await page.getByRole('tab', { name: 'Heatmap' }).click();
  await picture(page, 'Heatmap of w, rows 0–63, columns 0–39').focus();
  await page.keyboard.press('+');
  await picture(page, 'Heatmap of w, rows 16–47, columns 10–29').waitFor();
  await page.keyboard.press('ArrowDown');
  await picture(page, 'Heatmap of w, rows 24–55, columns 10–29').waitFor();
  await page.keyboard.press('ArrowLeft');
  await picture(page, 'Heatmap of w, rows 24–55, columns 5–24').waitFor();
  await page.keyboard.press('Home');
  await picture(page, 'Heatmap of w, rows 0–63, columns 0–39').waitFor();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Show the whole slice' }).click();
  await picture(page, 'Heatmap of w, rows 0–63, columns 0–39').waitFor();

  const range = page.getByRole('combobox', { name: 'Range' });
  const ends = () =>
    Promise.all(
      ['Low', 'High'].map((end) => page.getByRole('textbox', { name: `${end} end of the colours` }).inputValue()),
    );
  await expect.poll(ends).toEqual(['-1000', '1000']);
  expect(await range.inputValue()).toBe('symmetric');
  await range.selectOption({ label: 'All of the picture' });
  await expect.poll(ends).toEqual(['-25', '1000']);
  await range.selectOption({ label: '1st to 99th percentile' });
  await expect.poll(async () => Number((await ends())[1])).toBeLessThan(80);
  const low = page.getByRole('textbox', { name: 'Low end of the colours' });
  await low.fill('-3');
  await low.press('Enter');
  await expect.poll(() => range.inputValue()).toBe('given');
  await expect.poll(async () => (await ends())[0]).toBe('-3');
  expect(await app.problems()).toEqual([]);
});

test('a heatmap of a large matrix comes at once and is refined in place, unless that is cancelled', async () => {
  const app = await launch();
  const { page } = app;
  writeLargeFile(app.path('large.safetensors'));
  await app.open('Open…', 'large.safetensors');
  await chooseTensor(page, LARGE_TENSOR);
  await page.getByRole('tab', { name: 'Heatmap' }).click();
  await picture(page, /^Heatmap of weight/).waitFor();
  await page.getByText('Sampled', { exact: true }).waitFor();
  await page.getByRole('progressbar', { name: 'Reading all elements' }).waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  const readAll = page.getByRole('button', { name: 'Read all' });
  await readAll.waitFor();
  await picture(page, /^Heatmap of weight/).waitFor();
  await readAll.click();
  await page.getByText('Sampled', { exact: true }).waitFor({ state: 'hidden', timeout: 90_000 });
  await picture(page, /^Heatmap of weight/).waitFor();
  expect(await app.problems()).toEqual([]);
});
