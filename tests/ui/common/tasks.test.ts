import { expect, test } from 'vitest';
import { launch } from '../drivers/launch.ts';
import { LARGE_TENSOR, writeLargeFile } from '../support/large-file.ts';
import { chooseTensor } from '../support/sample.ts';

test('long work shows its progress, and ends at once when it is cancelled', async () => {
  const app = await launch();
  const { page } = app;
  writeLargeFile(app.path('large.safetensors'));
  await app.open('Open…', 'large.safetensors');
  await chooseTensor(page, LARGE_TENSOR);
  const tasks = page.getByRole('region', { name: 'Tasks' });
  await tasks.getByRole('progressbar').first().waitFor();
  await expect.poll(() => tasks.getByText(/ of 4\.29 GB/).count()).toBeGreaterThan(0);
  await tasks
    .getByRole('button', { name: /^Cancel/ })
    .first()
    .click();
  await tasks.getByText('No tasks running').waitFor();
  await page.getByRole('treegrid', { name: 'Tensors' }).getByRole('row', { name: LARGE_TENSOR, exact: true }).waitFor();
  expect(await app.problems()).toEqual([]);
});
