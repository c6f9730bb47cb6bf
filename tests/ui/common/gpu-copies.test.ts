import { expect, test } from 'vitest';
import { host, launch } from '../drivers/launch.ts';
import { cli } from '../support/command-line.ts';
import { ParameterDriver } from '../support/parameter-driver.ts';
import { chooseTensor } from '../support/sample.ts';

/** Windows have Chromium's own adapters, software ones at least; `serve` has those of Dawn, or none. */
const hasGpu = host !== 'serve' || JSON.stringify(cli('devices')).includes('gpu(0)');

test(`a Parameter on cpu(0) and gpu(0): ${hasGpu ? 'copies and gradients agree' : 'without a gpu the reason is said'}`, async () => {
  const app = await launch();
  const { page } = app;
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await chooseTensor(page, 'vision.projector.weight');
  const parameter = new ParameterDriver(page);
  await parameter.press('Load');
  await parameter.list('Device copies').filter({ hasText: 'cpu(0)' }).waitFor();
  await parameter.press('Reset devices…');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Devices' }).fill('cpu(0), gpu(0)');
  await dialog.getByRole('button', { name: 'Reset devices' }).click();
  if (!hasGpu) {
    await dialog.getByRole('alert').getByText('There is no gpu(0) here').waitFor();
    return;
  }
  // The first use of a gpu starts its worker and compiles its programs.
  await dialog.waitFor({ state: 'hidden', timeout: 60_000 });
  await expect
    .poll(() => parameter.list('Device copies').allTextContents())
    .toEqual([
      expect.stringMatching(/^cpu\(0\).*equals the mean/),
      expect.stringMatching(/^gpu\(0\).*equals the mean/),
    ]);
  for (const device of ['cpu(0)', 'gpu(0)']) await parameter.press(`Statistics of the copy on ${device}`);
  await expect
    .poll(async () => {
      const [onCpu, onGpu] = await parameter.list('Device copies').allTextContents();
      const figures = [onCpu, onGpu].map((text) => /Min.*Mean.*Zeros.*/.exec(text ?? '')?.[0]);
      return figures[0] !== undefined && figures[0] === figures[1];
    })
    .toBe(true);
  await parameter.choose('write');
  const [onCpu = 0, onGpu = 0] = await parameter.probe(1);
  expect(onCpu).toBeGreaterThan(0);
  expect(Math.abs(onGpu - onCpu)).toBeLessThan(1e-4 * onCpu);
  expect(await app.problems()).toEqual([]);
});
