import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { launch } from '../drivers/launch.ts';

const SAMPLE = readFileSync('assets/sample.safetensors');

test('a file is opened from the command line, another by dialog, a third by drop; recent files come back', async () => {
  const put = { 'one.safetensors': SAMPLE, 'two.safetensors': SAMPLE, 'three.safetensors': SAMPLE };
  const app = await launch({ put, files: ['one.safetensors'] });
  const tabs = app.page.getByRole('navigation', { name: 'Open documents' });
  const tab = (name: string) => tabs.getByRole('button', { name, exact: true });
  await tab('one.safetensors').waitFor();
  await app.open('Open…', 'two.safetensors');
  await tab('two.safetensors').waitFor();
  await app.drop('three.safetensors');
  await tab('three.safetensors').waitFor();
  await app.page.getByRole('treegrid', { name: 'Tensors' }).waitFor();
  expect(await app.problems()).toEqual([]);

  await app.restart('end');
  const recent = app.page.getByRole('region', { name: 'Recent files' });
  await recent.getByRole('button', { name: 'two.safetensors' }).click();
  await app.page.getByRole('heading', { name: 'two.safetensors', level: 1 }).waitFor();
  expect(await app.problems()).toEqual([]);
});
