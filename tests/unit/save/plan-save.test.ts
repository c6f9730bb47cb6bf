import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { createWorkspace } from '../../../core/workspace/workspace.ts';
import { float32, SMALL, safetensorsBytes } from '../workspace/support.ts';

let folder: string;
let workspace: Workspace;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-plan-'));
  workspace = createWorkspace({ stateDirectory: join(folder, 'state'), threads: 1, journaling: false });
});

afterEach(async () => {
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

async function opened(bytes: Uint8Array, name = 'model.safetensors'): Promise<Document> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return await workspace.open(path);
}

describe('the plan of a save over the file itself', () => {
  test('says that there is nothing to do', async () => {
    const document = await opened(safetensorsBytes(SMALL));
    expect(await document.planSave()).toMatchObject({
      action: 'none',
      files: [],
      bytesToWrite: 0,
      diskNeeded: 0,
      fits: true,
    });
  });

  test('counts what is patched, in a copy or in place', async () => {
    const bytes = safetensorsBytes(SMALL);
    const document = await opened(bytes);
    await document.edit({ kind: 'set', name: 'layer.0.weight', slice: '1,2', values: ['9'] });
    const plan = await document.planSave();
    expect(plan).toMatchObject({
      action: 'copy-and-patch',
      newBytes: 4,
      bytesToWrite: bytes.length + 4,
      inPlace: true,
    });
    expect(plan.diskFree).toBeGreaterThan(0);
    const inPlace = await document.planSave({ inPlace: true });
    expect(inPlace).toMatchObject({ action: 'patch-in-place', bytesToWrite: 4, diskNeeded: 8, notInPlace: null });
  });

  test('tells a header within its padding from a file that is written anew', async () => {
    const document = await opened(safetensorsBytes(SMALL));
    await document.edit({ kind: 'rename', from: 'steps', to: 'stepz' });
    expect((await document.planSave()).action).toBe('rewrite-header');
    await document.edit({ kind: 'cast', select: 'layer.0.weight', dtype: 'float16' });
    expect(await document.planSave()).toMatchObject({
      action: 'rewrite',
      inPlace: false,
      notInPlace: expect.stringContaining('move'),
    });
  });

  test('is that of the save which follows', async () => {
    const document = await opened(safetensorsBytes(SMALL));
    await document.edit({ kind: 'fill', select: 'layer.0.bias', value: '2' });
    const { newBytes } = await document.planSave({ inPlace: true });
    expect((await document.save({ inPlace: true })).bytesWritten).toBe(newBytes);
  });
});

describe('the plan of a new file', () => {
  test('lists what it would not hold, and leaves the folder as it is', async () => {
    const tensors = [{ name: 'w', dtype: 'F8_E4M3', shape: [4], bytes: Uint8Array.of(1, 2, 3, 4) }];
    const document = await opened(safetensorsBytes(tensors, { author: 'A' }));
    const before = await readdir(folder);
    const plan = await document.planSave({ target: { path: join(folder, 'new.params') } });
    expect(plan).toMatchObject({ format: 'mxnet', action: 'rewrite', inPlace: false, quantized: [] });
    expect(plan.losses).toEqual([
      expect.stringContaining('metadata'),
      '1 tensor of float8_e4m3fn is written as float16.',
    ]);
    expect(await readdir(folder)).toEqual(before);
  });

  test('what it announces is what is written, the document itself as before', async () => {
    const document = await opened(
      safetensorsBytes([{ name: 'w', dtype: 'F8_E4M3', shape: [4], bytes: Uint8Array.of(0x38, 0x40, 0xb8, 0) }]),
    );
    await document.exportTo(join(folder, 'new.params'));
    expect(document.listing().dtypes).toEqual(['float8_e4m3fn']);
    const copy = await workspace.open(join(folder, 'new.params'));
    expect(copy.listing().dtypes).toEqual(['float16']);
    const bytes = await workspace.engine.read(copy.lazy(copy.idOf('w')), 0, 4);
    expect([...new Uint16Array(Uint8Array.from(bytes).buffer)]).toEqual([0x3c00, 0x4000, 0xbc00, 0]);
  });

  test('throws where the format has no place for a tensor', async () => {
    const tensors = [{ name: 'z', dtype: 'C64', shape: [1], bytes: float32(1, 2) }];
    const document = await opened(safetensorsBytes(tensors));
    await expect(document.planSave({ target: { path: join(folder, 'new.params') } })).rejects.toThrow(
      /complex64 \("z"\)/,
    );
  });
});
