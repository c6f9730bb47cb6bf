import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { host, launch } from '../drivers/launch.ts';

test.each(['light', 'dark'] as const)('every view passes axe in %s', async (colorScheme) => {
  const app = await launch({ colorScheme });
  const { page } = app;
  const found: string[] = [];
  const check = async (view: string): Promise<void> => {
    await picture(page, `${host}-${colorScheme}-${view}`);
    found.push(...(await violations(page)).map((line) => `${view}: ${line}`));
  };

  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await check('welcome');
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  await check('document');
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill('down_proj');
  await page.getByRole('row', { name: 'model.layers.1.mlp.down_proj.weight', exact: true }).click();
  await page.getByRole('img', { name: /^Histogram/ }).waitFor();
  await page.getByRole('region', { name: 'Parameter' }).getByRole('button', { name: 'Load' }).click();
  await page.getByRole('list', { name: 'Device copies' }).getByText('cpu(0)').waitFor();
  await check('overview');
  const histogram = page.getByRole('region', { name: 'Histogram' });
  await histogram.getByLabel('Axis').selectOption('log');
  await histogram.getByText(/In no bin: .*negative values/).waitFor();
  await histogram.getByLabel('Axis').selectOption('symlog');
  await histogram.getByLabel('Range').selectOption('robust');
  await histogram.getByText(/In no bin: .*below the range/).waitFor();
  await check('histogram');
  await page.getByRole('tab', { name: 'Heatmap' }).click();
  await page.getByRole('img', { name: /heatmap/i }).waitFor();
  await check('heatmap');
  await page.getByRole('tab', { name: 'Cells' }).click();
  await page.getByRole('gridcell').first().waitFor();
  await check('cells');
  await page.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: 'Cast…' }).click();
  await page.getByRole('dialog').waitFor();
  await check('dialog');

  expect(found).toEqual([]);
  expect(await app.problems()).toEqual([]);
});

test('the main line works from the keyboard alone', async () => {
  const { page } = await launch();
  await page.getByRole('button', { name: 'Open the sample' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('projector');
  const row = page.getByRole('row', { name: 'vision.projector.weight', exact: true });
  await row.waitFor();
  await page.getByRole('treegrid', { name: 'Tensors' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'Overview' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const grid = page.getByRole('grid', { name: 'Cells' });
  await grid.getByRole('gridcell').first().waitFor();
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'New value' }).fill('7');
  await page.keyboard.press('Enter');
  const history = page.getByRole('region', { name: 'History' });
  await history.getByText(/\[1, 1\] = 7/).waitFor();
  await page.keyboard.press('Control+z');
  await expect.poll(() => history.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true);
});
