import { expect, test } from 'vitest';
import { violations } from '../../e2e/axe.ts';
import { launch } from '../drivers/launch.ts';
import { ParameterDriver } from '../support/parameter-driver.ts';
import { chooseTensor } from '../support/sample.ts';

test('the devices of the host are listed with what they hold', async () => {
  const app = await launch();
  const { page } = app;
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await chooseTensor(page, 'vision.projector.weight');
  const parameter = new ParameterDriver(page);
  await parameter.press('Load');
  await parameter.list('Device copies').filter({ hasText: 'cpu(0)' }).waitFor();
  await page.getByRole('button', { name: 'Devices…', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Devices' });
  // Looking for GPUs starts what serves them.
  const processor = dialog.getByRole('list', { name: 'Devices' }).getByRole('listitem').first();
  await processor.waitFor({ timeout: 60_000 });
  await expect.poll(() => processor.textContent()).toMatch(/^cpu\(0\).+cpu · TensorFlow\.js.*[1-9].* held of /);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(await app.problems()).toEqual([]);
});
