import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import { cli } from '../support/command-line.ts';
import { ParameterDriver } from '../support/parameter-driver.ts';
import { chooseTensor, makeEdit, SAMPLE, SAMPLE_PATH } from '../support/sample.ts';

test('the GPU window is hidden; when its process dies the copies are lost, and nothing else', async () => {
  const app = await launchDesktop({ put: { 'm.safetensors': SAMPLE }, files: ['m.safetensors'] });
  const { page, main } = app;
  await chooseTensor(page, 'vision.projector.weight');
  const parameter = new ParameterDriver(page);
  await parameter.press('Reset devices…');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Devices' }).fill('cpu(0), gpu(0)');
  await dialog.getByRole('button', { name: 'Reset devices' }).click();
  await dialog.waitFor({ state: 'hidden', timeout: 60_000 });
  await parameter.press('Load');
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
