import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { host, launch } from '../drivers/launch.ts';
import { LARGE_TENSOR, writeLargeFile } from '../support/large-file.ts';
import { chooseTensor } from '../support/sample.ts';

test.each(['light', 'dark'] as const)(
  'the spectrum of a matrix is plotted, told in figures and in a table, in %s',
  async (colorScheme) => {
    const app = await launch({ colorScheme });
    const { page } = app;
    await page.getByRole('button', { name: 'Open the sample' }).click();
    await chooseTensor(page, 'model.layers.1.mlp.down_proj.weight');
    await page.getByRole('tab', { name: 'Spectrum' }).click();
    const values = page.getByRole('region', { name: 'Singular values' });
    await values.getByRole('img', { name: /^Spectrum\. \d+ values from .* to .*, with 100 % of the energy/ }).waitFor();
    await values.getByText('Effective rank').waitFor();
    await values.getByText('Exact', { exact: true }).waitFor();
    await values.getByRole('slider', { name: 'Singular value' }).focus();
    await page.keyboard.press('ArrowRight');
    await values.getByText(/^Value 2: .* ± .*; up to here .* of the energy$/).waitFor();
    await picture(page, `${host}-${colorScheme}-spectrum`);
    await values.getByText('Table of values').click();
    await values.getByRole('columnheader', { name: 'Cumulative energy' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await chooseTensor(page, 'logit_scale');
    await page.getByText('A spectrum is of a matrix, and this tensor has fewer than two axes.').waitFor();
    expect(await app.problems()).toEqual([]);
  },
);

test('a large spectrum is computed when it is asked for, as a task that can be cancelled', async () => {
  const app = await launch();
  const { page } = app;
  writeLargeFile(app.path('large.safetensors'));
  await app.open('Open…', 'large.safetensors');
  await chooseTensor(page, LARGE_TENSOR);
  await page.getByRole('tab', { name: 'Spectrum' }).click();
  const values = page.getByRole('region', { name: 'Singular values' });
  await values.getByText('of the 1,048,576 × 1,024 matrix').waitFor();
  await values.getByRole('button', { name: 'Compute' }).click();
  await values.getByRole('progressbar', { name: 'Computing the spectrum' }).waitFor();
  await page.getByRole('region', { name: 'Tasks' }).getByRole('button', { name: 'Cancel Spectrum' }).waitFor();
  await values.getByRole('button', { name: 'Cancel' }).click();
  await values.getByText('Cancelled.').waitFor();
  await values.getByRole('button', { name: 'Compute' }).waitFor();
  expect(await app.problems()).toEqual([]);
});
