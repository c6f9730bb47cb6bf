import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { float32, safetensorsBytes } from '../../unit/workspace/support.ts';
import { host, launch } from '../drivers/launch.ts';

const ROWS = 40;
const COLUMNS = 25;
const DEAD = 7;
/** A bell of weights in rows that grow, one of them dead. */
const VALUES = Array.from({ length: ROWS * COLUMNS }, (_, k) => {
  const row = Math.floor(k / COLUMNS);
  return row === DEAD ? 0 : Math.sin(k * 12.9898) * 0.01 * (row + 1);
});
const FILE = safetensorsBytes([
  { name: 'dense.weight', dtype: 'F32', shape: [ROWS, COLUMNS], bytes: float32(...VALUES) },
  { name: 'dense.bias', dtype: 'F32', shape: [2], bytes: float32(1, 1) },
]);

async function look(colorScheme: 'light' | 'dark' = 'light') {
  const app = await launch({ put: { 'dense.safetensors': FILE }, files: ['dense.safetensors'], colorScheme });
  await app.page.getByRole('row', { name: 'dense.weight', exact: true }).click();
  await app.page.getByRole('img', { name: /^Histogram/ }).waitFor();
  return app;
}

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('quantiles become exact where somebody asks for it', async () => {
  const app = await look();
  const statistics = panel(app.page, 'Statistics');
  await statistics.getByText('≈').first().waitFor();
  await statistics.getByRole('button', { name: 'Exact quantiles' }).click();
  await expect.poll(() => statistics.getByText('≈').count()).toBe(0);
  expect(await statistics.getByRole('button', { name: 'Exact quantiles' }).count()).toBe(0);
  const sorted = VALUES.map(Math.fround).sort((a, b) => a - b);
  const median = ((sorted[499] ?? 0) + (sorted[500] ?? 0)) / 2;
  const shown = await statistics.locator('div', { has: app.page.getByText('Median', { exact: true }) }).textContent();
  expect(Number(shown?.match(/-?[\d.]+(?:e-?\d+)?$/)?.[0])).toBeCloseTo(median, 6);
  expect(await app.problems()).toEqual([]);
});

test('the histogram takes a given range and a threshold, and says what they leave out', async () => {
  const app = await look();
  const histogram = panel(app.page, 'Histogram');
  await histogram.getByRole('combobox', { name: 'Range' }).selectOption('Given');
  const from = histogram.getByRole('textbox', { name: 'From' });
  await from.fill('0');
  await from.press('Enter');
  const below = VALUES.filter((x) => x < 0).length;
  await histogram.getByText(`${below} below the range`).waitFor();
  await from.fill('9');
  await histogram.getByText('Below the high end.').waitFor();
  await from.press('Escape');
  await expect.poll(() => from.inputValue()).toBe('0');
  await histogram.getByRole('combobox', { name: 'Axis' }).selectOption('Symmetric log');
  const threshold = histogram.getByRole('textbox', { name: 'Linear up to' });
  await threshold.fill('0.1');
  await threshold.press('Enter');
  await histogram.getByRole('combobox', { name: 'Range' }).selectOption('Full');
  await expect.poll(() => histogram.getByText('below the range').count()).toBe(0);
  expect(await app.problems()).toEqual([]);
});

test('norms show which rows are dead', async () => {
  const app = await look();
  const norms = panel(app.page, 'Norms');
  await norms.getByRole('button', { name: 'Compute norms' }).click();
  await norms.getByText(`All zero: 1 row (${DEAD}).`).waitFor();
  await norms.getByRole('img', { name: /^L2 norms by row/ }).waitFor();
  await norms.getByRole('slider', { name: 'Rows' }).press('ArrowRight');
  await norms.getByText(/^Row 1: /).waitFor();
  await norms.getByRole('combobox', { name: 'Of' }).selectOption('Columns');
  await norms.getByText(/^25 columns: /).waitFor();
  expect(await norms.getByText('All zero').count()).toBe(0);
  await app.page.getByRole('row', { name: 'dense.bias', exact: true }).click();
  await expect.poll(() => norms.count()).toBe(0);
  expect(await app.problems()).toEqual([]);
});

for (const scheme of ['light', 'dark'] as const) {
  test(`statistics with everything open pass axe, ${scheme}`, async () => {
    const app = await look(scheme);
    const { page } = app;
    await panel(page, 'Norms').getByRole('button', { name: 'Compute norms' }).click();
    await panel(page, 'Norms').getByText('All zero').waitFor();
    await panel(page, 'Histogram').getByRole('combobox', { name: 'Axis' }).selectOption('Symmetric log');
    await panel(page, 'Histogram').getByRole('combobox', { name: 'Range' }).selectOption('Given');
    await panel(page, 'Histogram').getByRole('textbox', { name: 'From' }).fill('9');
    await panel(page, 'Histogram').getByText('Below the high end.').waitFor();
    await picture(page, `${host}-${scheme}-statistics`);
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 760, height: 900 });
    await panel(page, 'Norms').scrollIntoViewIfNeeded();
    await picture(page, `${host}-${scheme}-norms`);
  });
}
