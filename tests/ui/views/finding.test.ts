import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { float32, safetensorsBytes } from '../../unit/workspace/support.ts';
import { host, launch } from '../drivers/launch.ts';
import { LARGE_TENSOR, writeLargeFile } from '../support/large-file.ts';

const ODD = safetensorsBytes([
  { name: 'a.weight', dtype: 'F32', shape: [2, 2], bytes: float32(1, 2, Number.NaN, Number.POSITIVE_INFINITY) },
  { name: 'a.bias', dtype: 'F32', shape: [2], bytes: float32(0, 0) },
  { name: 'b.weight', dtype: 'F32', shape: [2, 1], bytes: float32(3, 3) },
  { name: 'b.bias', dtype: 'F16', shape: [2], bytes: Uint8Array.of(1, 2, 3, 4) },
]);
const NAMES = ['a.weight', 'a.bias', 'b.weight', 'b.bias'];

const boxOf = (page: Page) => page.getByRole('searchbox', { name: 'Filter tensors' });

/** The tensors that the tree shows. */
async function shown(page: Page): Promise<string[]> {
  const tree = page.getByRole('treegrid', { name: 'Tensors' });
  const isThere = await Promise.all(NAMES.map((name) => tree.getByRole('row', { name, exact: true }).count()));
  return NAMES.filter((_, i) => isThere[i] === 1);
}

test('a filter finds by name, by structure and by values, and says what is wrong with it', async () => {
  const app = await launch({ put: { 'odd.safetensors': ODD }, files: ['odd.safetensors'] });
  const { page } = app;
  const box = boxOf(page);
  for (const [filter, names] of [
    ['weight', ['a.weight', 'b.weight']],
    ['name:*.bias -dtype:f16', ['a.bias']],
    ['/^b/ shape:2', ['b.weight', 'b.bias']],
    ['nans>0', ['a.weight']],
    ['range=0', ['a.bias', 'b.weight']],
    ['distinct=2 size<=4', ['b.bias']],
  ] as const) {
    await box.fill(filter);
    await expect.poll(() => shown(page), { message: filter }).toEqual(names);
  }
  await box.fill('b size>lots');
  await page.getByRole('alert').getByText("not with 'lots'").waitFor();
  expect(await shown(page)).toEqual(['b.bias']);
  await box.press('Escape');
  await expect.poll(() => shown(page)).toEqual(NAMES);
  expect(await page.getByRole('alert').count()).toBe(0);
  await box.fill('std>100');
  await page.getByText('No tensor matches the filter.').waitFor();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect.poll(() => shown(page)).toEqual(NAMES);
  expect(await app.problems()).toEqual([]);
});

test('what a search finds follows edits', async () => {
  const { page } = await launch({ put: { 'odd.safetensors': ODD }, files: ['odd.safetensors'] });
  await boxOf(page).fill('zeros=2');
  await expect.poll(() => shown(page)).toEqual(['a.bias']);
  await page.getByRole('row', { name: 'a.bias', exact: true }).click();
  await page.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: 'Fill…' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('7');
  await page.keyboard.press('Enter');
  await expect.poll(() => shown(page)).toEqual([]);
  await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => shown(page)).toEqual(['a.bias']);
});

test('a search that reads shows its progress, and stops with the filter', async () => {
  const app = await launch();
  const { page } = app;
  writeLargeFile(app.path('large.safetensors'));
  await app.open('Open…', 'large.safetensors');
  await page.getByRole('row', { name: LARGE_TENSOR, exact: true }).waitFor();
  await boxOf(page).fill('std>1');
  await page.getByRole('navigation').getByRole('progressbar', { name: 'Search' }).waitFor();
  await page.getByRole('button', { name: 'Stop the search' }).click();
  await page.getByRole('alert').getByText('Stopped before').waitFor();
  await page.getByText('No tasks running').waitFor();
  await boxOf(page).fill('std>2');
  await page.getByRole('navigation').getByRole('progressbar', { name: 'Search' }).waitFor();
  await boxOf(page).press('Escape');
  await page.getByText('No tasks running').waitFor();
  await expect.poll(() => page.getByRole('progressbar').count()).toBe(0);
  expect(await app.problems()).toEqual([]);
});

test('the help tells what can be typed, and types it', async () => {
  const { page } = await launch({ put: { 'odd.safetensors': ODD }, files: ['odd.safetensors'] });
  const button = page.getByRole('button', { name: 'Filter help' });
  await button.click();
  await page.getByRole('region', { name: 'Filter examples' }).getByText('the share of zeros').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('region', { name: 'Filter examples' }).count()).toBe(0);
  await button.press('Enter');
  await page.getByRole('button', { name: 'nans>0' }).click();
  await expect.poll(() => shown(page)).toEqual(['a.weight']);
  expect(await boxOf(page).inputValue()).toBe('nans>0');
});

test.each(['light', 'dark'] as const)(
  'a scan tells what stands out, marks it, and is remembered, in %s',
  async (colorScheme) => {
    const app = await launch({ put: { 'odd.safetensors': ODD }, files: ['odd.safetensors'], colorScheme });
    const { page } = app;
    const health = page.getByRole('region', { name: 'Health' });
    await health.getByRole('button', { name: 'Scan all values' }).click();
    const findings = health.getByRole('list', { name: 'Findings' }).getByRole('listitem');
    await expect.poll(() => findings.count()).toBe(4);
    for (const finding of ['1 tensor with NaN', '1 tensor with infinities', '1 tensor all zero', '1 tensor constant']) {
      expect(await findings.filter({ hasText: finding }).count()).toBe(1);
    }
    await page.getByRole('row', { name: 'a.weight', exact: true }).getByText('Some values are NaN').waitFor();
    await picture(page, `${host}-${colorScheme}-health`);
    await page.getByRole('button', { name: 'Filter help' }).click();
    await picture(page, `${host}-${colorScheme}-filter-help`);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Filter help' }).click();
    await health.getByRole('button', { name: 'Show 1 tensor constant' }).click();
    await expect.poll(() => shown(page)).toEqual(['b.weight']);

    await app.restart('end', ['odd.safetensors']);
    await app.page.getByRole('row', { name: 'a.bias', exact: true }).getByText('All values are zero').waitFor();
    expect(await app.problems()).toEqual([]);
  },
);
