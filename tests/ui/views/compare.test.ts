import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import { type FileTensor, float32, safetensorsBytes } from '../../unit/workspace/support.ts';
import { host, launch } from '../drivers/launch.ts';
import { writeLargeFile } from '../support/large-file.ts';

function named(name: string, shape: readonly number[], at: (k: number) => number): FileTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { name, dtype: 'F32', shape, bytes: float32(...Array.from({ length: count }, (_, k) => at(k))) };
}

const SHAPE = [48, 64];
const wave = (k: number): number => Math.sin(k / 7) * 0.1;
const TENSORS: readonly FileTensor[] = [
  named('encoder.same', SHAPE, wave),
  named('encoder.moved', SHAPE, wave),
  named('encoder.near', SHAPE, wave),
  named('encoder.wide', [4], wave),
  named('encoder.old', [64], (k) => wave(k + 3)),
  named('encoder.gone', [2], wave),
];
const CHANGED: readonly FileTensor[] = [
  named('encoder.same', SHAPE, wave),
  named('encoder.moved', SHAPE, (k) => (k < 200 ? wave(k) : wave(k) * (k === 1234 ? 9 : 1.1))),
  named('encoder.near', SHAPE, (k) => wave(k) + (k === 77 ? 0.001 : 0)),
  named('encoder.wide', [2, 2], wave),
  named('encoder.new', [64], (k) => wave(k + 3)),
  named('encoder.come', [3], wave),
];

const put = {
  'before.safetensors': safetensorsBytes(TENSORS, { epoch: '1', run: 'a' }),
  'after.safetensors': safetensorsBytes(CHANGED, { epoch: '2' }),
};

async function compare(page: Page): Promise<void> {
  const tabs = page.getByRole('navigation', { name: 'Open documents' });
  await tabs.getByRole('button', { name: 'before.safetensors', exact: true }).click();
  await page.getByRole('button', { name: 'Compare…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Compare before.safetensors' });
  await dialog.getByRole('radio', { name: 'after.safetensors' }).check();
  await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByText('7 tensors compared.').waitFor();
}

const rowNames = (page: Page): Promise<string[]> =>
  page
    .getByRole('treegrid', { name: 'Differences' })
    .locator('[data-row]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));

test('two documents are compared in a tab: found, sorted, filtered, and looked at in detail', async () => {
  const app = await launch({ put, files: ['before.safetensors', 'after.safetensors'] });
  const { page } = app;
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  await compare(page);
  const grid = page.getByRole('treegrid', { name: 'Differences' });
  await expect
    .poll(() => rowNames(page))
    .toEqual([
      'encoder.moved',
      'encoder.near',
      'encoder.come',
      'encoder.gone',
      'encoder.old → encoder.new',
      'encoder.wide',
    ]);
  await page.getByRole('region', { name: 'Metadata differences' }).getByText('1 → 2').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, `${host}-compare`);

  await grid.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  expect(await grid.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('ascending');
  await expect.poll(async () => (await rowNames(page))[0]).toBe('encoder.come');
  const kinds = page.getByRole('group', { name: 'Kinds of differences' });
  await kinds.getByRole('button', { name: 'Unchanged 1' }).click();
  await expect.poll(() => rowNames(page)).toContain('encoder.same');
  await kinds.getByRole('button', { name: 'Values 2' }).click();
  await expect.poll(() => rowNames(page)).not.toContain('encoder.moved');
  await kinds.getByRole('button', { name: 'Values 2' }).click();
  await page.getByRole('searchbox', { name: 'Filter differences' }).fill('moved');
  await expect.poll(() => rowNames(page)).toEqual(['encoder.moved']);
  await page.getByRole('searchbox', { name: 'Filter differences' }).fill('');
  await expect.poll(() => rowNames(page)).toContain('encoder.wide');

  await grid.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('End');
  await expect.poll(() => grid.getByRole('row', { selected: true }).getAttribute('aria-label')).toBe('encoder.wide');
  await grid.getByRole('row', { name: 'encoder.moved' }).click();
  const detail = page.getByRole('region', { name: 'Difference', exact: true });
  await detail.getByText('[19, 18]').waitFor();
  await detail.getByRole('region', { name: 'Heatmap of the difference' }).getByRole('img').waitFor();
  await detail.getByRole('row', { name: /^Std/ }).waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, `${host}-compare-detail`);
  await page.getByRole('button', { name: /^Theme: / }).click();
  await page.getByRole('button', { name: /^Theme: light/ }).click();
  await page.setViewportSize({ width: 1280, height: 800 });
  expect(await violations(page)).toEqual([]);
  await picture(page, `${host}-compare-dark`);
  await detail
    .getByRole('region', { name: 'Heatmap of the difference' })
    .evaluate((element) => element.scrollIntoView());
  await picture(page, `${host}-compare-delta`);
  await page.setViewportSize({ width: 860, height: 700 });
  expect(await violations(page)).toEqual([]);
  await picture(page, `${host}-compare-narrow`);
  await page.setViewportSize({ width: 1280, height: 800 });

  await detail.getByRole('button', { name: 'Largest difference: show in Cells of after.safetensors' }).click();
  await page.getByRole('tab', { name: 'Cells', selected: true }).waitFor();
  await page.getByRole('heading', { name: 'after.safetensors', level: 1 }).waitFor();
  await page.getByRole('gridcell', { selected: true }).waitFor();
  await picture(page, `${host}-compare-cells`);
  const cells = page.getByRole('grid', { name: 'Cells' });
  await expect.poll(async () => (await cells.getAttribute('aria-activedescendant'))?.endsWith('-19-18')).toBe(true);
  expect(await app.problems()).toEqual([]);
});

test('differences within a tolerance are marked, and left out on demand, from the keyboard alone', async () => {
  const app = await launch({ put, files: ['before.safetensors', 'after.safetensors'] });
  const { page } = app;
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  await compare(page);
  const grid = page.getByRole('treegrid', { name: 'Differences' });
  const changeOf = (name: string) => grid.getByRole('row', { name, exact: true }).getByRole('gridcell').nth(1);
  const kinds = page.getByRole('group', { name: 'Kinds of differences' });
  const tolerance = page.getByRole('group', { name: 'Tolerance' });
  const absolute = tolerance.getByRole('textbox', { name: 'Absolute tolerance' });
  const relative = tolerance.getByRole('textbox', { name: 'Relative tolerance' });
  await grid.getByRole('row', { name: 'encoder.near', exact: true }).click();
  const detail = page.getByRole('region', { name: 'Difference', exact: true });
  await detail.getByRole('row', { name: /^Std/ }).waitFor();

  await page.getByRole('searchbox', { name: 'Filter differences' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.type('-1');
  await tolerance.getByText('Not below 0.').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, `${host}-compare-tolerance-problem`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  expect(await absolute.inputValue()).toBe('');
  await page.keyboard.type('0.01');
  await page.keyboard.press('Enter');
  await expect.poll(() => changeOf('encoder.near').textContent()).toBe('Within tolerance');
  expect(await changeOf('encoder.moved').textContent()).toBe('Values');
  expect(await grid.getByRole('row', { selected: true }).getAttribute('aria-label')).toBe('encoder.near');
  expect(await detail.getByRole('row', { name: /^Std/ }).isVisible()).toBe(true);
  await page.keyboard.press('Tab');
  await page.keyboard.type('10');
  await page.keyboard.press('Tab');
  await expect.poll(() => changeOf('encoder.moved').textContent()).toBe('Within tolerance');
  await page.getByText('7 tensors compared.').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, `${host}-compare-tolerance`);
  await page.setViewportSize({ width: 860, height: 700 });
  expect(await violations(page)).toEqual([]);
  await picture(page, `${host}-compare-tolerance-narrow`);
  await page.setViewportSize({ width: 1280, height: 800 });

  await kinds.getByRole('button', { name: 'Within tolerance 2' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => rowNames(page)).not.toContain('encoder.near');
  expect(await rowNames(page)).not.toContain('encoder.moved');
  await page.getByRole('button', { name: 'Swap sides' }).click();
  await page.getByRole('heading', { name: 'after.safetensors compared with before.safetensors' }).waitFor();
  expect([await absolute.inputValue(), await relative.inputValue()]).toEqual(['0.01', '10']);
  await expect.poll(() => changeOf('encoder.near').textContent()).toBe('Within tolerance');
  for (const field of [absolute, relative]) {
    await field.fill('');
    await field.press('Enter');
  }
  await expect.poll(() => changeOf('encoder.near').textContent()).toBe('Values');
  expect(await app.problems()).toEqual([]);
});

test('an edit makes a comparison out of date, and comparing again finds what it did', async () => {
  const app = await launch({ put, files: ['before.safetensors', 'after.safetensors'] });
  const { page } = app;
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  await compare(page);
  const grid = page.getByRole('treegrid', { name: 'Differences' });
  await grid.getByRole('row', { name: 'encoder.near' }).click();
  await page.getByRole('button', { name: 'Copy from the other into before.safetensors' }).click();
  await page
    .getByRole('status')
    .getByText(/before.safetensors changed since/)
    .waitFor();
  await page.getByRole('button', { name: 'Compare again' }).click();
  await grid.getByRole('row', { name: 'encoder.near' }).waitFor({ state: 'detached' });
  await page.getByText('7 tensors compared.').waitFor();
  await page.getByRole('button', { name: 'Swap sides' }).click();
  await page.getByRole('heading', { name: 'after.safetensors compared with before.safetensors' }).waitFor();
  const tabs = page.getByRole('navigation', { name: 'Open documents' });
  await tabs.getByRole('button', { name: 'Close after.safetensors', exact: true }).click();
  await tabs.getByRole('button', { name: 'after.safetensors ↔ before.safetensors', exact: true }).waitFor({
    state: 'detached',
  });
  expect(await app.problems()).toEqual([]);
});

test('ten thousand tensors are compared while the window stays at hand', async () => {
  const many = Array.from({ length: 10_000 }, (_, k) => named(`layer.${k}.weight`, [4], (at) => at + k));
  const other = many.map((tensor, k) => (k % 2 === 0 ? named(tensor.name, [4], (at) => at + k + 1) : tensor));
  const app = await launch({
    put: {
      'before.safetensors': safetensorsBytes(many),
      'after.safetensors': safetensorsBytes(other),
    },
    files: ['before.safetensors', 'after.safetensors'],
  });
  const { page } = app;
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  const tabs = page.getByRole('navigation', { name: 'Open documents' });
  await tabs.getByRole('button', { name: 'before.safetensors', exact: true }).click();
  await page.getByRole('button', { name: 'Compare…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Compare', exact: true }).click();
  const grid = page.getByRole('treegrid', { name: 'Differences' });
  await grid
    .getByRole('row', { name: /^layer\.\d+\.weight$/ })
    .first()
    .waitFor();
  await page.getByRole('searchbox', { name: 'Filter differences' }).fill('layer.4242.');
  await grid.getByRole('row', { name: 'layer.4242.weight', exact: true }).click();
  await page.getByRole('region', { name: 'Side by side' }).waitFor();
  await page.getByRole('searchbox', { name: 'Filter differences' }).fill('');
  await page.getByText('10,000 tensors compared.').waitFor();
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('5001');
  await grid.focus();
  await page.keyboard.press('End');
  await expect.poll(() => grid.getByRole('row', { selected: true }).getAttribute('aria-rowindex')).toBe('5001');
  expect(await app.problems()).toEqual([]);
});

test('a long comparison is cancelled where it is shown, or among the tasks', async () => {
  const app = await launch();
  const { page } = app;
  for (const name of ['before.safetensors', 'after.safetensors']) {
    writeLargeFile(app.path(name));
    await app.open('Open…', name);
    await page.getByRole('heading', { name, level: 1 }).waitFor();
  }
  await page.getByRole('button', { name: 'Compare…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Compare', exact: true }).click();
  const tasks = page.getByRole('region', { name: 'Tasks' });
  await tasks.getByRole('progressbar').first().waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByText('Cancelled after 0 tensors.').waitFor();
  await tasks.getByText('No tasks running').waitFor();
  await page.getByRole('button', { name: 'Compare again' }).click();
  await tasks.getByRole('button', { name: /^Cancel Compare/ }).click();
  await page.getByText('Cancelled after 0 tensors.').waitFor();
  await page.getByRole('button', { name: 'Close after.safetensors ↔ before.safetensors' }).click();
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  expect(await app.problems()).toEqual([]);
});
