import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { validFixtures } from '../fixtures/catalog.ts';
import { dropFile, launchBrowser, openWindow, type Window } from './browser.ts';
import { ServeProcess } from './serve-process.ts';

const serve = new ServeProcess();
const sharded = validFixtures().find(({ expected }) => expected.format === 'safetensors-index');
if (!sharded) throw new Error('No sharded checkpoint is among the fixtures.');
const INDEX = basename(sharded.path);
const folder = dirname(sharded.path);
const SAMPLE = readFileSync('assets/sample.safetensors');
let browser: Browser;
let window: Window;

beforeAll(async () => {
  mkdirSync(serve.root);
  browser = await launchBrowser();
});
beforeEach(async () => {
  await serve.start();
  window = await openWindow(browser, serve.url);
  return async () => {
    expect(window.problems).toEqual([]);
    await window.context.close();
    await serve.kill();
  };
});
afterAll(async () => {
  await browser?.close();
  await serve.dispose();
});

async function scaleTensor(page: Page, name: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill(name);
  await page.getByRole('treegrid', { name: 'Tensors' }).getByRole('row', { name, exact: true }).click();
  await page.getByRole('toolbar', { name: 'Edit' }).getByRole('button', { name: 'Scale…' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Factor' }).fill('2');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'History' }).getByText(/Scale/).waitFor();
}

test('a sharded model is opened from the server, edited and saved: only the shard of the tensor changes', async () => {
  const { page } = window;
  cpSync(folder, join(serve.root, 'sharded'), { recursive: true });
  const shards = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  await page.getByRole('button', { name: 'Open…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'sharded' }).click();
  await dialog.getByRole('button', { name: /index\.json \d/ }).click();
  await page.getByText('safetensors, sharded').waitFor();
  await scaleTensor(page, 'transformer.h.1.ln_2.weight');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/^Saved /).waitFor();
  const changed = shards.filter(
    (name) => !readFileSync(join(folder, name)).equals(readFileSync(join(serve.root, 'sharded', name))),
  );
  expect(changed).toHaveLength(1);
});

test('an index that is dropped with its shards opens as one model', async () => {
  const { page } = window;
  const names = readdirSync(folder).filter((name) => name === INDEX || name.endsWith('.safetensors'));
  const files = names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  await dropFile(page, ...files, { name: 'other.safetensors', bytes: SAMPLE });
  const tabs = page.getByRole('navigation', { name: 'Open documents' });
  await tabs.getByRole('button', { name: 'other.safetensors', exact: true }).waitFor();
  expect(await tabs.getByRole('listitem').count()).toBe(2);
  await tabs.getByRole('button', { name: INDEX, exact: true }).click();
  await page.getByText('40 tensors').waitFor();
});

test('an edited document is downloaded whole', async () => {
  const { page } = window;
  await dropFile(page, { name: 'mine.safetensors', bytes: SAMPLE });
  await scaleTensor(page, 'logit_scale');
  await page.getByRole('button', { name: 'Save as…' }).click();
  const arriving = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Download' }).click();
  const download = await arriving;
  expect(download.suggestedFilename()).toBe('mine.safetensors');
  const bytes = readFileSync(await download.path());
  expect(bytes.byteLength).toBe(SAMPLE.byteLength);
  expect(bytes.equals(SAMPLE)).toBe(false);
});

test('an upload shows its progress, and leaves nothing when it is cancelled', async () => {
  const { page } = window;
  await page.route(/\/upload\/.*offset=8388608$/, () => {});
  await dropFile(page, { name: 'large.safetensors', bytes: new Uint8Array(9 * 2 ** 20) });
  const tasks = page.getByRole('region', { name: 'Tasks' });
  await tasks.getByText('8.39 MB of 9.44 MB').waitFor();
  await tasks.getByRole('progressbar', { name: 'Upload large.safetensors' }).waitFor();
  const removed = page.waitForResponse((response) => response.request().method() === 'DELETE');
  await tasks.getByRole('button', { name: 'Cancel Upload large.safetensors' }).click();
  expect((await removed).status()).toBe(204);
  await tasks.getByText('No tasks running').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await page.getByRole('treegrid').count()).toBe(0);
});

test('Save as asks before it replaces a file', async () => {
  const { page } = window;
  const taken = join(serve.root, 'taken.safetensors');
  writeFileSync(taken, 'somebody needs this');
  await dropFile(page, { name: 'mine.safetensors', bytes: SAMPLE });
  await page.getByRole('button', { name: 'Save as…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'File name' }).fill('taken.safetensors');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').filter({ hasText: 'taken.safetensors is here already' }).waitFor();
  expect(readFileSync(taken, 'utf8')).toBe('somebody needs this');
  await dialog.getByRole('button', { name: 'Replace' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(readFileSync(taken).equals(SAMPLE)).toBe(true);
});
