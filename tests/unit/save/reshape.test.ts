import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkspace, readSafetensors, safetensorsBytes, scratchFolder } from '../workspace/support.ts';

const COUNT = 64 * 128;
const VALUES = new Uint8Array(Float32Array.from({ length: COUNT }, (_, i) => i / 8).buffer);
const WIDE = { name: 'w', dtype: 'F32', shape: [64, 128], bytes: VALUES };

/** Formats that store values raw. Where more than a header is written anew, the bytes are copied. */
const FILES: readonly [file: string, action: string][] = [
  ['w.safetensors', 'rewrite-header'],
  ['w.npy', 'rewrite-header'],
  ['w.gguf', 'copy-and-patch'],
  ['w.npz', 'rewrite'],
  ['w.pt', 'rewrite'],
  ['w.params', 'rewrite'],
  ['w.onnx', 'rewrite'],
];

test.each(FILES)('%s: a tensor that is reshaped keeps its bytes', async (file, action) => {
  const folder = await scratchFolder();
  const workspace = openWorkspace(folder);
  const source = join(folder, 'source.safetensors');
  await writeFile(source, safetensorsBytes([WIDE]));
  const path = join(folder, file);
  await (await workspace.open(source)).exportTo(path);
  const document = await workspace.open(path);
  await document.edit({ kind: 'reshape', name: 'w', shape: [128, 64] });
  const plan = await document.planSave();
  expect(plan.action).toBe(action);
  expect(plan.newBytes).toBeLessThan(2048);
  await document.save();
  expect(document.listing().shapes).toEqual([[128, 64]]);
  const tensor = document.lazy(document.idOf('w'));
  expect(Buffer.compare(await workspace.engine.read(tensor, 0, COUNT), VALUES)).toBe(0);
});

test('what was done before and after it is patched with it', async () => {
  const folder = await scratchFolder();
  const workspace = openWorkspace(folder);
  const path = join(folder, 'w.safetensors');
  await writeFile(path, safetensorsBytes([WIDE]));
  const document = await workspace.open(path);
  await document.edit({ kind: 'reshape', name: 'w', shape: [128, 64] });
  await document.edit({ kind: 'set', name: 'w', slice: '127,63', values: ['-1'] });
  expect(await document.planSave()).toMatchObject({ action: 'rewrite-header', inPlace: true });
  expect((await document.planSave()).newBytes).toBeLessThan(2048);
  // Elements that were set go by the shape that they were set in.
  await document.edit({ kind: 'reshape', name: 'w', shape: [-1] });
  await document.edit({ kind: 'scale', select: 'w', factor: 2 });
  await document.save();
  const { tensors } = await readSafetensors(path);
  const expected = Float32Array.from(new Float32Array(VALUES.buffer), (value) => 2 * value);
  expected[COUNT - 1] = -2;
  expect(tensors.get('w')?.shape).toEqual([COUNT]);
  expect(Buffer.compare(tensors.get('w')?.bytes ?? Buffer.alloc(0), new Uint8Array(expected.buffer))).toBe(0);
});
