import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dropFile, launchBrowser, openWindow, type Window } from './browser.ts';
import { ServeProcess } from './serve-process.ts';

const serve = new ServeProcess();
const file = join(serve.root, 'm.safetensors');
const SAMPLE = readFileSync('assets/sample.safetensors');
let browser: Browser;

beforeAll(async () => {
  mkdirSync(serve.root);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await serve.dispose();
});

let window: Window;
beforeEach(async () => {
  await serve.kill();
  copyFileSync('assets/sample.safetensors', file);
  await serve.start(file);
  window = await openWindow(browser, serve.url);
  await window.page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  return () => window.context.close();
});

async function fillTensor(page: Page, name: string, value: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill(name);
  await page.getByRole('treegrid', { name: 'Tensors' }).getByRole('row', { name, exact: true }).click();
  await page.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: 'Fill…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(value);
  await page.keyboard.press('Enter');
}

test.each([
  ['cut.safetensors', SAMPLE.subarray(0, 400_000), /400000|400,000|end|short|covered|cut/i],
  ['lfs.safetensors', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), /git.lfs/i],
  ['page.safetensors', Buffer.from('<!DOCTYPE html><html></html>'), /HTML/],
  ['empty.safetensors', Buffer.alloc(0), /empty/i],
])('dropping %s shows one alert with the reason, and the open document stays', async (name, bytes, reason) => {
  const { page } = window;
  await dropFile(page, { name, bytes });
  const alert = page.getByRole('alert').filter({ hasText: reason });
  await alert.waitFor();
  expect(await page.getByRole('alert').allTextContents()).toHaveLength(1);
  await page
    .getByRole('treegrid', { name: 'Tensors' })
    .getByRole('row', { name: 'model.position_ids', exact: true })
    .waitFor();
});

test('a value that the dtype cannot hold is refused in the dialog, and nothing changes', async () => {
  const { page } = window;
  await fillTensor(page, 'model.position_ids', '1.5');
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('alert')
    .filter({ hasText: /int64|integer/ })
    .waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Undo' }).isDisabled()).toBe(
    true,
  );
});

test('a file that another program rewrites is announced, and saving asks before it overwrites', async () => {
  const { page } = window;
  await fillTensor(page, 'logit_scale', '2');
  await page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
  const other = Buffer.concat([SAMPLE]);
  writeFileSync(file, other);
  utimesSync(file, new Date(), new Date(Date.now() + 5000));
  await page
    .getByRole('alert')
    .filter({ hasText: /changed/ })
    .waitFor();

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /Overwrite/ });
  await dialog.waitFor();
  expect(readFileSync(file).equals(other)).toBe(true);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(readFileSync(file).equals(other)).toBe(true);
});

test('a file that vanishes is announced', async () => {
  const { page } = window;
  rmSync(file);
  await page.getByRole('alert').filter({ hasText: /gone/ }).waitFor();
});

test('reading a file that grew under the window says so instead of showing wrong values', async () => {
  const { page } = window;
  appendFileSync(file, 'x');
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill('projector');
  await page.getByRole('row', { name: 'vision.projector.weight', exact: true }).click();
  await page
    .getByText(/changed/)
    .first()
    .waitFor();
  expect(await page.getByRole('img', { name: /^Histogram/ }).count()).toBe(0);
});

test('a page whose server was started anew says what to do, instead of trying for ever', async () => {
  const { page } = window;
  const { port } = new URL(serve.url);
  await serve.kill('SIGKILL');
  await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor();
  await serve.start('--port', port);
  await page
    .getByRole('alert')
    .filter({ hasText: /started anew: open the address/ })
    .waitFor();
});

test('a vanished file is not asked about: saving says that it cannot be read', async () => {
  const { page } = window;
  await fillTensor(page, 'logit_scale', '2');
  await page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
  rmSync(file);
  await page.getByRole('alert').filter({ hasText: /gone/ }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page
    .getByRole('alert')
    .filter({ hasText: /put the file back/ })
    .waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});

test('edits survive a kill: the next start offers to resume them', async () => {
  const { page } = window;
  await fillTensor(page, 'logit_scale', '2');
  await page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
  await serve.kill('SIGKILL');
  await serve.start();
  const again = await openWindow(browser, serve.url);
  await again.page
    .getByRole('region', { name: 'Unsaved edits' })
    .getByRole('button', { name: /m\.safetensors/ })
    .click();
  await again.page.getByRole('button', { name: 'Resume edits' }).click();
  await again.page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
  await again.page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect.poll(() => readFileSync(file).equals(SAMPLE)).toBe(false);
  expect(readFileSync(file).byteLength).toBe(SAMPLE.byteLength);
  await again.context.close();
});
