import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { picture, violations } from '../../e2e/axe.ts';
import type { AppUnderTest } from '../drivers/app-under-test.ts';
import { host, launch } from '../drivers/launch.ts';
import { ParameterDriver } from '../support/parameter-driver.ts';

const LLAMA = '../shared/fixtures/hf/llama_tied/model.safetensors';

const openSample = ({ page }: AppUnderTest): Promise<void> =>
  page.getByRole('button', { name: 'Open the sample' }).click();

async function openLlama(app: AppUnderTest): Promise<void> {
  app.put('llama.safetensors', readFileSync(LLAMA));
  await app.open('Open a file…', 'llama.safetensors');
}

/** The rows of the device bar: `cpu(0)512 B…`. */
const memory = (driver: ParameterDriver): Promise<string[]> => driver.list('Device memory').allTextContents();

const six = (value: number): number => Number(value.toPrecision(5));

const CHECKPOINTS = [
  { name: 'the sample', open: openSample, tensor: 'vision.projector.weight', missing: false },
  { name: 'llama_tied', open: openLlama, tensor: 'model.layers.0.mlp.down_proj.weight', missing: !existsSync(LLAMA) },
];

describe.each(CHECKPOINTS)('on $name', ({ open, tensor, missing }) => {
  test.skipIf(missing)('the life of a Parameter, in the window', async () => {
    const app = await launch();
    const { page } = app;
    await open(app);
    await page.getByRole('searchbox', { name: 'Filter tensors' }).fill(tensor);
    await page.getByRole('row', { name: tensor, exact: true }).click();
    const parameter = new ParameterDriver(page);

    await parameter.status.getByText(/^deferred.*has not been read/).waitFor();
    await expect.poll(() => memory(parameter)).toEqual(['No copies on devices']);
    await parameter.press('Load');
    await parameter.status.getByText(/^initialized.*Loaded from/).waitFor();
    await parameter.list('Device copies').filter({ hasText: 'cpu(0)' }).waitFor();

    await parameter.ask('Initialize…', 'Initialize', async (dialog) => {
      await dialog.getByRole('combobox', { name: 'Initializer' }).selectOption('normal');
      await dialog.getByRole('textbox', { name: 'sigma' }).fill('0.5');
      await dialog.getByRole('textbox', { name: 'Devices' }).fill('cpu(0), cpu(1)');
      await dialog.getByRole('textbox', { name: 'Seed' }).fill('3');
    });
    await parameter.status.getByText(/^initialized.*Initialized by normal/).waitFor();
    await expect.poll(() => parameter.list('Device copies').count()).toBe(2);
    const copies = await parameter.list('Device copies').allTextContents();
    expect(copies[0]).toMatch(/^cpu\(0\)/);
    expect(copies[1]).toMatch(/^cpu\(1\)/);
    for (const copy of copies) expect(copy).toContain('equals the mean');
    const withoutGradients = await memory(parameter);
    expect(withoutGradients).toHaveLength(2);

    await parameter.ask('Set… the copy on cpu(1)', 'Set', async (dialog) => {
      await dialog.getByRole('textbox', { name: 'Value' }).fill('0.25');
    });
    await parameter
      .list('Device copies')
      .filter({ hasText: /\d from the mean/ })
      .nth(1)
      .waitFor();
    await parameter.press('Statistics of the copy on cpu(1)');
    const figures = parameter.region.getByRole('region', { name: 'Statistics on cpu(1)' });
    await figures.getByText('0.25', { exact: true }).first().waitFor();
    await parameter.press('Statistics of the copy on cpu(1)');
    await figures.waitFor({ state: 'hidden' });
    await parameter.ask('Reset devices…', 'Reset devices', async () => {});
    await parameter.list('Device copies').filter({ hasText: 'equals the mean' }).nth(1).waitFor();

    await parameter.choose('write');
    await expect.poll(() => parameter.gradientNorms()).toEqual([0, 0]);
    await expect.poll(() => memory(parameter)).not.toEqual(withoutGradients);
    const [g = 0, ...others] = await parameter.probe(1);
    expect(g).toBeGreaterThan(0);
    expect(others).toEqual([g]);
    expect(await parameter.probe(1)).toEqual([g, g]);
    await expect.poll(() => parameter.gradientNorms()).toEqual([g, g]);

    await parameter.choose('add');
    await expect.poll(() => parameter.gradientNorms()).toEqual([0, 0]);
    expect(await parameter.probe(1)).toEqual([g, g]);
    expect((await parameter.probe(1)).map(six)).toEqual([six(2 * g), six(2 * g)]);
    await expect.poll(async () => (await parameter.gradientNorms()).map(six)).toEqual([six(2 * g), six(2 * g)]);
    await parameter.press('Zero gradients');
    await expect.poll(() => parameter.gradientNorms()).toEqual([0, 0]);

    await parameter.choose('null');
    await parameter.list('Gradient buffers').getByText('None: grad_req is null.').waitFor();
    await expect.poll(() => memory(parameter)).toEqual(withoutGradients);

    await parameter.ask('Cast…', 'Cast', async (dialog) => {
      await dialog.getByRole('combobox', { name: 'New data type' }).selectOption('float16');
    });
    await parameter.list('Device copies').filter({ hasText: 'float16' }).nth(1).waitFor();
    await parameter.ask('Reset devices…', 'Reset devices', async (dialog) => {
      await dialog.getByRole('textbox', { name: 'Devices' }).fill('cpu(2)');
    });
    await expect
      .poll(() => parameter.list('Device copies').allTextContents())
      .toEqual([expect.stringMatching(/^cpu\(2\)/)]);
    await expect.poll(() => memory(parameter)).toEqual([expect.stringMatching(/^cpu\(2\)/)]);

    const learningRate = parameter.region.getByRole('textbox', { name: 'lr_mult' });
    await learningRate.fill('0.1');
    await learningRate.press('Enter');
    await parameter.press('Release');
    await parameter.status.getByText(/^deferred.*onto cpu\(2\)/).waitFor();
    expect(await learningRate.inputValue()).toBe('0.1');
    expect(await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Undo' }).isDisabled()).toBe(
      true,
    );
    expect(await app.problems()).toEqual([]);
  });
});

test('what cannot be done says why, and changes nothing', async () => {
  const app = await launch();
  const { page } = app;
  await openSample(app);
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill('vision.projector.weight');
  await page.getByRole('row', { name: 'vision.projector.weight', exact: true }).click();
  const parameter = new ParameterDriver(page);
  await parameter.press('Reset devices…');
  const dialog = page.getByRole('dialog');
  const devices = dialog.getByRole('textbox', { name: 'Devices' });
  for (const [text, reason] of [
    ['tpu(0)', /"tpu\(0\)" is no device/],
    ['cpu(1), cpu(1)', /named twice/],
  ] as const) {
    await devices.fill(text);
    await dialog.getByRole('button', { name: 'Reset devices' }).click();
    await dialog.getByRole('alert').getByText(reason).waitFor();
  }
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await parameter.status.getByText(/onto cpu\(0\)/).waitFor();
  const box = parameter.region.getByRole('textbox', { name: 'wd_mult' });
  await box.fill('a lot');
  await box.press('Enter');
  await parameter.region.getByRole('alert').getByText('wd_mult is a number').waitFor();
  await box.press('Escape');
  expect(await box.inputValue()).toBe('1');
  await parameter.press('Load');
  await parameter.list('Device copies').filter({ hasText: 'cpu(0)' }).waitFor();
  await parameter.ask('Initialize…', 'Initialize', async (form) => {
    await form.getByRole('checkbox', { name: /force_reinit/ }).uncheck();
  });
  await page.getByText(/already initialized, ignoring/).waitFor();
  await parameter.status.getByText(/Loaded from/).waitFor();
});

test.each(['light', 'dark'] as const)('the region and its dialogs pass axe in %s', async (colorScheme) => {
  const app = await launch({ colorScheme });
  const { page } = app;
  const found: string[] = [];
  const check = async (view: string): Promise<void> => {
    await picture(page, `${host}-${colorScheme}-parameter-${view}`);
    found.push(...(await violations(page)).map((line) => `${view}: ${line}`));
  };
  await openSample(app);
  await page.getByRole('searchbox', { name: 'Filter tensors' }).fill('vision.projector.weight');
  await page.getByRole('row', { name: 'vision.projector.weight', exact: true }).click();
  await page.getByRole('img', { name: /^Histogram/ }).waitFor();
  const parameter = new ParameterDriver(page);
  await check('deferred');
  await parameter.press('Initialize…');
  await check('initialize');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Devices' }).fill('cpu(0), cpu(1)');
  await dialog.getByRole('button', { name: 'Initialize', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await parameter.choose('add');
  await parameter.list('Gradient buffers').nth(1).waitFor();
  await parameter.press('Probe…');
  await dialog.getByRole('spinbutton', { name: 'Passes' }).fill('3');
  await dialog.getByRole('button', { name: 'Run' }).click();
  await dialog.getByRole('table', { name: 'Probe results' }).waitFor();
  await check('probe');
  await dialog.getByRole('combobox', { name: 'Batch', exact: true }).selectOption('open tensor');
  await dialog.getByRole('textbox', { name: 'Tensor' }).fill('vision.projector.weight');
  await dialog.getByRole('button', { name: 'Run' }).click();
  await dialog.getByText('input [64, 32], output [64, 64]').waitFor();
  await check('probe-loaded');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await check('initialized');
  expect(found).toEqual([]);
  expect(await app.problems()).toEqual([]);
});
