import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import type { MainProcess, MenuEntry } from '../drivers/main-process.ts';
import { chooseTensor, makeEdit, SAMPLE } from '../support/sample.ts';

async function entry(main: MainProcess, path: string): Promise<MenuEntry> {
  const found = (await main.menu()).find((candidate) => candidate.path === path);
  if (!found) throw new Error(`The menu has no ${path}.`);
  return found;
}

const enabled = async (main: MainProcess, path: string): Promise<boolean> => (await entry(main, path)).enabled;
const checked = async (main: MainProcess, path: string): Promise<boolean> => (await entry(main, path)).checked;

test('the menu offers what can be done now, and does it', async () => {
  const app = await launchDesktop({ put: { 'm.safetensors': SAMPLE } });
  const { page, main } = app;
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  expect(await enabled(main, 'File > Save As…')).toBe(false);
  expect(await enabled(main, 'Edit > Undo')).toBe(false);

  await main.answerOpenDialog([app.path('m.safetensors')]);
  await main.clickMenu('File > Open…');
  await page.getByRole('heading', { name: 'm.safetensors', level: 1 }).waitFor();
  await chooseTensor(page, 'vision.projector.weight');
  await expect.poll(() => enabled(main, 'View > Heatmap')).toBe(true);
  await main.clickMenu('View > Heatmap');
  await page.getByRole('tab', { name: 'Heatmap', selected: true }).waitFor();
  await expect.poll(() => checked(main, 'View > Heatmap')).toBe(true);
  expect(await checked(main, 'View > Overview')).toBe(false);

  await makeEdit(page);
  const undo = page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Undo' });
  await page.getByRole('heading', { name: 'm.safetensors', level: 1 }).click();
  await expect.poll(() => enabled(main, 'Edit > Undo')).toBe(true);
  await main.clickMenu('Edit > Undo');
  await expect.poll(() => undo.isDisabled()).toBe(true);
  await main.clickMenu('Edit > Redo');
  await expect.poll(() => undo.isDisabled()).toBe(false);
  await main.clickMenu('File > Save');
  await page.getByText(/^Saved /).waitFor();

  await main.clickMenu('File > Close');
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  expect(await app.problems()).toEqual([]);
});

test('recent files are in the menu, open from it, and can be forgotten', async () => {
  const app = await launchDesktop({ put: { 'm & n.safetensors': SAMPLE }, files: ['m & n.safetensors'] });
  const { page, main } = app;
  await page.getByRole('heading', { name: 'm & n.safetensors', level: 1 }).waitFor();
  const recent = async (): Promise<string[]> =>
    (await main.menu()).flatMap(({ path }) => (path.startsWith('File > Open Recent > ') ? [path] : []));
  await expect.poll(async () => (await recent())[0]).toMatch(/m & n\.safetensors/);
  await main.clickMenu('File > Close');
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await main.clickMenu((await recent())[0] ?? '');
  await page.getByRole('heading', { name: 'm & n.safetensors', level: 1 }).waitFor();
  await main.clickMenu('File > Open Recent > Clear');
  await expect.poll(async () => (await recent())[0]).toMatch(/No recent files/);
  expect(await app.problems()).toEqual([]);
});

test('About, licences, documentation and the theme are in the menu', async () => {
  const app = await launchDesktop();
  const { page, main } = app;
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await main.clickMenu('Help > About Parascope');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Apache License 2.0').waitFor();
  await expect.poll(() => enabled(main, 'File > Open…')).toBe(false);
  await page.keyboard.press('Escape');
  await expect.poll(() => enabled(main, 'File > Open…')).toBe(true);
  for (const [item, words] of [
    ['Licences', /React|MIT/],
    ['Documentation', /# The window/],
  ] as const) {
    await main.clickMenu(`Help > ${item}`);
    const text = dialog.getByRole('textbox', { name: `Text of ${item}` });
    await expect.poll(() => text.inputValue()).toMatch(words);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => enabled(main, 'File > Open…')).toBe(true);
  }
  await main.clickMenu('View > Theme > Dark');
  await page.getByRole('button', { name: /^Theme: dark/ }).waitFor();
  expect(await main.evaluate(({ nativeTheme }) => nativeTheme.themeSource, null)).toBe('dark');
  expect(await app.problems()).toEqual([]);
});

test('two documents are compared from the menu, and Close closes the comparison alone', async () => {
  const put = { 'a.safetensors': SAMPLE, 'b.safetensors': SAMPLE };
  const app = await launchDesktop({ put, files: ['a.safetensors', 'b.safetensors'] });
  const { page, main } = app;
  await page
    .getByRole('navigation', { name: 'Open documents' })
    .getByRole('button', { name: 'b.safetensors', exact: true })
    .waitFor();
  await expect.poll(() => enabled(main, 'File > Compare With…')).toBe(true);
  await main.clickMenu('File > Compare With…');
  await page.getByRole('dialog').getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByText('All tensors are identical.').waitFor();
  await expect.poll(() => enabled(main, 'File > Save')).toBe(false);
  await main.clickMenu('File > Close');
  await page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  await page.getByRole('button', { name: 'Close a.safetensors', exact: true }).waitFor();
  expect(await app.problems()).toEqual([]);
});
