import { closeSync, openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import type { MainProcess } from '../drivers/main-process.ts';
import { cli } from '../support/command-line.ts';
import { ParameterDriver } from '../support/parameter-driver.ts';
import { chooseTensor, makeEdit, SAMPLE, SAMPLE_PATH } from '../support/sample.ts';

test('the GPU window is hidden; when its process dies the copies are lost, and nothing else', async () => {
  const app = await launchDesktop({ put: { 'm.safetensors': SAMPLE }, files: ['m.safetensors'] });
  const { page, main } = app;
  await chooseTensor(page, 'vision.projector.weight');
  const parameter = new ParameterDriver(page);
  await loadOn(parameter, 'cpu(0), gpu(0)');
  const copies = parameter.list('Device copies');
  await copies.filter({ hasText: /^gpu\(0\)/ }).waitFor();
  const shown = await main.evaluate(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()),
    null,
  );
  expect(shown.toSorted()).toEqual([false, true]);

  await main.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) {
      if (!window.isVisible()) window.webContents.forcefullyCrashRenderer();
    }
  }, null);
  await copies.filter({ hasText: /^gpu\(0\).*lost/i }).waitFor();
  await copies.filter({ hasText: /^cpu\(0\)/ }).waitFor();

  await makeEdit(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/^Saved /).waitFor();
  expect(cli('diff', SAMPLE_PATH, app.path('m.safetensors'))).toMatchObject({
    changed: [{ name: 'logit_scale', changedCount: 1 }],
  });
  await chooseTensor(page, 'vision.projector.weight');
  await parameter.press('Restore');
  await expect.poll(() => copies.filter({ hasText: /lost/i }).count()).toBe(0);
  await copies.filter({ hasText: /^gpu\(0\).*equals the mean/ }).waitFor();
});

const MIB = 2 ** 20;

test('the GPU window reads a large tensor from its file, and none of it comes through main', async () => {
  const app = await launchDesktop();
  const { page, main } = app;
  writeOnes(app.path('large.safetensors'), 24 * MIB);
  await countPosted(main);
  await app.open('Open…', 'large.safetensors');
  await chooseTensor(page, 'ones');
  const parameter = new ParameterDriver(page);
  await loadOn(parameter, 'gpu(0)');
  // The norm of 24 Mi ones is computed on the GPU from what arrived there.
  await parameter
    .list('Device copies')
    .filter({ hasText: /^gpu\(0\).*norm 5016/ })
    .waitFor({ timeout: 60_000 });
  const { messages, bytes } = await takePosted(main);
  expect(messages).toBeGreaterThan(0);
  expect(bytes).toBe(0);
  expect(await app.problems()).toEqual([]);
});

async function loadOn(parameter: ParameterDriver, devices: string): Promise<void> {
  await parameter.press('Reset devices…');
  const dialog = parameter.page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Devices' }).fill(devices);
  await dialog.getByRole('button', { name: 'Reset devices' }).click();
  await dialog.waitFor({ state: 'hidden', timeout: 60_000 });
  await parameter.press('Load');
}

/** A vector of float32 ones. */
function writeOnes(path: string, count: number): void {
  const header = Buffer.from(JSON.stringify({ ones: { dtype: 'F32', shape: [count], data_offsets: [0, 4 * count] } }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.byteLength));
  const block = Buffer.from(new Float32Array(MIB / 4).fill(1).buffer);
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([size, header]));
  for (let done = 0; done < 4 * count; done += block.byteLength)
    writeSync(file, block, 0, Math.min(block.byteLength, 4 * count - done));
  closeSync(file);
}

/** From now on main counts the messages that it posts on its ports, and the bytes of content in them. */
async function countPosted(main: MainProcess): Promise<void> {
  await main.evaluate(({ MessageChannelMain }) => {
    const posted = { messages: 0, bytes: 0 };
    Object.assign(globalThis, { parascopeTestPosted: posted });
    const add = (value: unknown): void => {
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) posted.bytes += value.byteLength;
      else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) add(part);
    };
    const { port1, port2 } = new MessageChannelMain();
    const prototype = Object.getPrototypeOf(port1) as Electron.MessagePortMain;
    const { postMessage } = prototype;
    prototype.postMessage = function (this: Electron.MessagePortMain, message, transfer) {
      posted.messages++;
      add(message);
      postMessage.call(this, message, transfer);
    };
    port1.close();
    port2.close();
  }, null);
}

function takePosted(main: MainProcess): Promise<{ readonly messages: number; readonly bytes: number }> {
  return main.evaluate(
    () => (globalThis as unknown as { parascopeTestPosted: { messages: number; bytes: number } }).parascopeTestPosted,
    null,
  );
}
