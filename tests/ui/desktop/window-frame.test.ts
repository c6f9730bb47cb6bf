import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import type { MainProcess } from '../drivers/main-process.ts';
import { cli } from '../support/command-line.ts';
import { LARGE_TENSOR, writeLargeFile } from '../support/large-file.ts';
import { chooseTensor, SAMPLE, SAMPLE_PATH } from '../support/sample.ts';

const frame = (main: MainProcess) =>
  main.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows().find((candidate) => candidate.isVisible());
    return { bounds: window?.getNormalBounds(), maximized: window?.isMaximized(), title: window?.getTitle() };
  }, null);

test('the window comes back where it was, and shows the document in its title', async () => {
  const app = await launchDesktop({ put: { 'm.safetensors': SAMPLE } });
  await app.page.getByRole('button', { name: 'Open the sample' }).waitFor();
  const bounds = { x: 60, y: 80, width: 1100, height: 700 };
  await app.main.evaluate(({ BrowserWindow }, wanted) => {
    BrowserWindow.getAllWindows()[0]?.setBounds(wanted);
  }, bounds);
  await expect.poll(() => app.page.evaluate(() => window.innerWidth)).toBe(1100);
  await app.restart('end', ['m.safetensors']);
  await app.page.getByRole('heading', { name: 'm.safetensors', level: 1 }).waitFor();
  await expect
    .poll(() => frame(app.main))
    .toEqual({ bounds, maximized: false, title: expect.stringMatching(/^m\.safetensors/) });
  await app.main.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.maximize(), null);
  await app.restart('end');
  await app.page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await expect.poll(() => frame(app.main)).toMatchObject({ bounds, maximized: true });
});

test('a row dragged out of the window becomes a file', async () => {
  const app = await launchDesktop({ put: { 'm.safetensors': SAMPLE }, files: ['m.safetensors'] });
  const { page, main } = app;
  const name = 'vision.projector.weight';
  await chooseTensor(page, name);
  await main.evaluate(({ BrowserWindow }) => {
    const dragged: string[] = [];
    Object.assign(globalThis, { parascopeTestDragged: dragged });
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (contents) contents.startDrag = ({ file }) => dragged.push(file);
  }, null);
  const dragged = (): Promise<string[]> =>
    main.evaluate(() => (globalThis as unknown as { parascopeTestDragged: string[] }).parascopeTestDragged, null);
  const row = page.getByRole('row', { name, exact: true });
  await row.hover();
  await page.mouse.down();
  await page.mouse.move(700, 500, { steps: 5 });
  await expect.poll(dragged).toEqual([expect.stringMatching(/\.npy$/)]);
  await page.mouse.up();
  const [file = ''] = await dragged();
  expect(readFileSync(file).subarray(0, 6).toString('latin1')).toBe('\x93NUMPY');
  const [sum] = Object.values(cli('hash', file));
  expect(sum).toBe(cli('hash', SAMPLE_PATH)[name]);
  expect(await app.problems()).toEqual([]);
});

test('the task bar shows the progress of long work, and none when it is over', async () => {
  const app = await launchDesktop();
  const { page, main } = app;
  writeLargeFile(app.path('large.safetensors'));
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await main.evaluate(({ BrowserWindow }) => {
    const seen: number[] = [];
    Object.assign(globalThis, { parascopeTestProgress: seen });
    const window = BrowserWindow.getAllWindows()[0];
    if (window) window.setProgressBar = (progress) => seen.push(progress);
  }, null);
  await app.open('Open…', 'large.safetensors');
  await chooseTensor(page, LARGE_TENSOR);
  const seen = (): Promise<number[]> =>
    main.evaluate(() => (globalThis as unknown as { parascopeTestProgress: number[] }).parascopeTestProgress, null);
  await expect.poll(async () => (await seen()).length).toBeGreaterThan(2);
  const tasks = page.getByRole('region', { name: 'Tasks' });
  await tasks
    .getByRole('button', { name: /^Cancel/ })
    .first()
    .click();
  await expect.poll(async () => (await seen()).at(-1)).toBe(-1);
  const shown = (await seen()).filter((progress) => progress !== -1);
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.every((progress) => progress === 2 || (progress >= 0 && progress <= 1))).toBe(true);
});
