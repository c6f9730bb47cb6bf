import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCpuThread } from '../../../core/device/thread-link.ts';
import type { WorkerLink } from '../../../core/device/worker-link.ts';
import { openWorkspace, SMALL, safetensorsBytes, scratchFolder } from './support.ts';

/** A document whose device worker can be killed from outside, as a crash would. */
async function openMortal() {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, safetensorsBytes(SMALL));
  const links: WorkerLink[] = [];
  const startCpu = () => {
    const link = startCpuThread();
    links.push(link);
    return link;
  };
  const workspace = openWorkspace(folder, { devices: { startCpu } });
  const kill = async (): Promise<void> => {
    await links.at(-1)?.close();
  };
  return { document: await workspace.open(path), workspace, kill };
}

test('copies that died with their worker are told to the window, and Restore reads them from the file', async () => {
  const { document, workspace, kill } = await openMortal();
  const id = document.idOf('layer.0.weight');
  await document.parameters.load(id, { devices: ['cpu(0)', 'cpu(1)'] });
  await document.parameters.setGradReq(id, 'write');
  const told: unknown[] = [];
  workspace.subscribe((event) => told.push(event));
  await kill();
  expect(told).toEqual([{ type: 'parameter', document: document.id, tensor: id, devices: [] }]);
  const { parameter } = await document.detail(id);
  expect(parameter).toMatchObject({
    status: 'initialized',
    reason:
      'The worker of its devices died and took the copies along; Restore reads them from model.safetensors again.',
    copies: [
      { device: 'cpu(0)', lost: true, norm: null, distance: null },
      { device: 'cpu(1)', lost: true, norm: null, distance: null },
    ],
    gradients: [{ lost: true }, { lost: true }],
  });
  expect(await document.parameters.restore(id)).toMatchObject({
    status: 'initialized',
    copies: [
      { device: 'cpu(0)', lost: false, norm: Math.sqrt(91), distance: 0 },
      { device: 'cpu(1)', lost: false, norm: Math.sqrt(91), distance: 0 },
    ],
    gradReq: 'write',
    gradients: [{ norm: 0 }, { norm: 0 }],
  });
});

test('the other tensors work on', async () => {
  const { document, kill } = await openMortal();
  await document.parameters.load(document.idOf('layer.0.weight'));
  await kill();
  expect(await document.parameters.load(document.idOf('layer.0.bias'))).toMatchObject({
    copies: [{ norm: Math.sqrt(0.5) }],
  });
});
