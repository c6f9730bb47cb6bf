import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { openWorkspace, scratchFolder } from '../workspace/support.ts';

const MODEL = containerFixtures(['gguf']).find(({ id }) => id.endsWith('model_like.gguf'))!;
const QUANTIZED = 'blk.0.attn_q.weight';

async function open(): Promise<{ document: Document; folder: string; workspace: Workspace }> {
  const folder = await scratchFolder();
  const path = join(folder, 'model.gguf');
  await copyFile(MODEL.path, path);
  const workspace = openWorkspace(folder);
  return { document: await workspace.open(path), folder, workspace };
}

test('a quantized model opens as a document whose Parameters wait for a cast', async () => {
  const { document } = await open();
  const { names, dtypes } = { names: document.listing().names, dtypes: document.summary().totals.byDType };
  expect(names).toContain(QUANTIZED);
  expect(dtypes.find(({ dtype }) => dtype === 'q4_0')).toMatchObject({ tensors: 6, bytes: 13_824 });
  const detail = await document.detail(document.idOf(QUANTIZED));
  expect(detail).toMatchObject({ dtype: 'q4_0', shape: [64, 64] });
  const loading = document.parameters.load(document.idOf(QUANTIZED), { devices: ['cpu(0)'] });
  await expect(loading).rejects.toThrow(/cast it|Cast it/);
});

test('edits of single elements are refused with advice; renames, deletions and casts are not', async () => {
  const { document } = await open();
  await expect(document.edit({ kind: 'fill', select: QUANTIZED, value: '0' })).rejects.toThrow(
    /is q4_0, whose elements share bytes and scales .* Cast it first, for example to float32/,
  );
  await expect(document.edit({ kind: 'set', name: QUANTIZED, slice: '0,0', values: ['1'] })).rejects.toThrow(/Cast it/);
  await expect(document.edit({ kind: 'cast', select: '*', dtype: 'q4_0' })).rejects.toThrow(/stored in blocks/);
  await document.edit({ kind: 'rename', from: QUANTIZED, to: 'q' });
  await document.edit({ kind: 'delete', select: 'blk.1.*' });
  await document.edit({ kind: 'cast', select: 'q', dtype: 'float32' });
  await document.edit({ kind: 'set', name: 'q', slice: '0,1', values: ['3.5'] });
  await document.undo();
  await document.undo();
  expect((await document.detail(document.idOf('q'))).dtype).toBe('q4_0');
});

test('saved as safetensors, tensors hold what the blocks stood for', async () => {
  const { document, folder } = await open();
  await document.edit({ kind: 'keep', select: [QUANTIZED, 'output.weight'] });
  const path = join(folder, 'out.safetensors');
  await document.saveAs(path);
  const saved = await openCheckpoint(path);
  const engine = createTensorEngine({ threads: 1 });
  const expected = MODEL.expected.tensors.find(({ name }) => name === QUANTIZED);
  expect(await engine.hash(lazyEntry(saved, saved.find(QUANTIZED)!))).toBe(expected?.sha256_dequant_f32);
  await engine.close();
});
