import { cpSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Document } from '../../../core/workspace/contract.ts';
import { openWorkspace, scratchFolder } from '../workspace/support.ts';

const DATA = fileURLToPath(new URL('../../fixtures/data', import.meta.url));

async function opened(id: string): Promise<{ folder: string; document: Document }> {
  const root = await scratchFolder();
  const folder = join(root, 'model');
  cpSync(dirname(join(DATA, id)), folder, { recursive: true });
  return { folder, document: await openWorkspace(root).open(join(folder, basename(id))) };
}

test('an ONNX model says how many Cast nodes its graph gets', async () => {
  const { document } = await opened('onnx/mlp_raw.onnx');
  expect((await document.planSave()).notes).toEqual([]);
  await document.edit({ kind: 'cast', select: 'fc1.*', dtype: 'float16' });
  const notes = ['2 Cast nodes come into the graph, whose nodes take fc1.weight, fc1.bias in the former dtype.'];
  expect((await document.planSave()).notes).toEqual(notes);
});

test('a copy of an ONNX model says that it takes in the files beside it', async () => {
  const { document, folder } = await opened('onnx/external_one/model.onnx');
  const plan = await document.planSave({ target: { path: join(folder, 'copy.onnx') } });
  expect(plan.notes).toEqual(['The values of the file beside the model come into the new file.']);
});

test('a GGUF model says that another alignment moves its tensors', async () => {
  const { document } = await opened('gguf/model_like.gguf');
  await document.edit({ kind: 'metadata', key: 'general.alignment', value: '128' });
  const notes = ['Tensors begin at multiples of 128 bytes instead of 64: those that lie elsewhere move.'];
  expect((await document.planSave()).notes).toEqual(notes);
});

test('a TensorFlow.js model says which weights are no longer quantized', async () => {
  const { document } = await opened('tfjs/quantized/model.json');
  await document.edit({ kind: 'fill', select: 'plain', value: '1' });
  expect((await document.planSave()).notes).toEqual([]);
  await document.edit({ kind: 'fill', select: 'q8/kernel', value: '1' });
  expect((await document.planSave()).notes).toEqual([expect.stringMatching(/^q8\/kernel: stored quantized so far/)]);
});
