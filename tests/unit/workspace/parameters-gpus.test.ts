import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ProcessLink } from '../../../core/device/process-link.ts';
import type { WorkerLink } from '../../../core/device/worker-link.ts';
import { DeviceMismatchError, UnsupportedDTypeError } from '../../../core/errors.ts';
import { openWorkspace, SMALL, safetensorsBytes, scratchFolder } from './support.ts';

/** A document beside two gpus, which are doubles that can be ended from outside. */
async function openBesideGpus() {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, safetensorsBytes(SMALL));
  const links: WorkerLink[] = [];
  const startGpu = () => {
    const child = fork(new URL('../device/gpu-double.process.mjs', import.meta.url), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const link = new ProcessLink(child);
    links.push(link);
    return link;
  };
  const workspace = openWorkspace(folder, { devices: { startGpu, logicalGpus: 2 } });
  const kill = async (): Promise<void> => {
    await links.at(-1)?.close();
  };
  const document = await workspace.open(path);
  return { document, parameters: document.parameters, workspace, kill, id: document.idOf('layer.0.weight') };
}

test('copies on several gpus and the processor are one Parameter, and what they hold is counted', async () => {
  const { workspace, parameters, id } = await openBesideGpus();
  const loaded = await parameters.load(id, { devices: ['cpu(0)', 'gpu(0)', 'gpu(1)'] });
  const copy = {
    dtype: 'float32',
    bytes: 24,
    lost: false,
    failure: null,
    norm: Math.sqrt(91),
    distance: 0,
    maxDistance: 0,
  };
  expect(loaded.copies).toEqual(['cpu(0)', 'gpu(0)', 'gpu(1)'].map((device) => ({ device, ...copy })));
  const { devices, reason } = await workspace.devices();
  expect(devices.map(({ device, held }) => [device, held])).toEqual([
    ['cpu(0)', 24],
    ['gpu(0)', 24],
    ['gpu(1)', 24],
  ]);
  expect(devices[2]).toMatchObject({ backend: 'webgpu', software: true, maxArrayBytes: 2 ** 27 });
  expect(reason).toBeNull();
});

test('a copy that is changed on one gpu shows how far it is from the others', async () => {
  const { parameters, id } = await openBesideGpus();
  await parameters.load(id, { devices: ['cpu(0)', 'gpu(1)'] });
  const { copies } = await parameters.setCopy(id, { device: 'gpu(1)', slice: '0,0', value: '3' });
  expect(copies.map(({ distance }) => distance)).toEqual([1, 1]);
});

test('Restore takes the value of a copy that survived, with the changes that it had', async () => {
  const { parameters, id, kill } = await openBesideGpus();
  await parameters.load(id, { devices: ['gpu(0)', 'cpu(0)', 'gpu(1)'] });
  await parameters.setGradReq(id, 'write');
  await parameters.setCopy(id, { device: 'cpu(0)', slice: '...', value: '2' });
  await kill();
  const { reason, copies } = await parameters.zeroGrad(id).catch(() => parameters.setMultipliers(id, {}));
  expect(copies.map(({ lost }) => lost)).toEqual([true, false, true]);
  expect(reason).toBe('[gpu(0), gpu(1)] lost what was there; Restore copies the value from cpu(0).');
  const restored = await parameters.restore(id);
  expect(restored.copies.map(({ device, lost, norm }) => [device, lost, norm])).toEqual(
    ['gpu(0)', 'cpu(0)', 'gpu(1)'].map((device) => [device, false, Math.sqrt(24)]),
  );
  expect(restored.gradients.map(({ norm }) => norm)).toEqual([0, 0, 0]);
});

test('Restore reads the file where no copy survived', async () => {
  const { parameters, id, kill } = await openBesideGpus();
  await parameters.load(id, { devices: ['gpu(0)', 'gpu(1)'] });
  await kill();
  const restored = await parameters.restore(id);
  expect(restored.copies.map(({ device, norm }) => [device, norm])).toEqual([
    ['gpu(0)', Math.sqrt(91)],
    ['gpu(1)', Math.sqrt(91)],
  ]);
});

test('a document whose GPU died can be edited and saved', async () => {
  const { document, parameters, id, kill } = await openBesideGpus();
  await parameters.load(id, { devices: ['gpu(0)'] });
  await kill();
  await document.edit({ kind: 'fill', select: '*', value: '1' });
  expect((await document.save()).files).toHaveLength(1);
});

test('a gpu that is not there, and a dtype that it cannot hold, are refused before anything changes', async () => {
  const { parameters, document, id } = await openBesideGpus();
  const before = (await document.detail(id)).parameter;
  await expect(parameters.load(id, { devices: ['gpu(7)'] })).rejects.toThrow(DeviceMismatchError);
  await expect(parameters.load(id, { devices: ['gpu(7)'] })).rejects.toThrow('there are gpu(0), gpu(1)');
  expect((await document.detail(id)).parameter).toEqual(before);
  await parameters.load(id, { devices: ['gpu(0)'] });
  await expect(parameters.cast(id, 'float64')).rejects.toThrow(UnsupportedDTypeError);
  expect(await parameters.setMultipliers(id, {})).toMatchObject({ dtype: 'float32', status: 'initialized' });
});
