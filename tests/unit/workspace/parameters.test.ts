import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CancelledError, UnsupportedDTypeError } from '../../../core/errors.ts';
import { openSmall, openWorkspace, safetensorsBytes, scratchFolder } from './support.ts';

test('a tensor of a fresh document is a deferred Parameter whose source is the file', async () => {
  const { document } = await openSmall();
  const { parameter } = await document.detail(document.idOf('layer.0.weight'));
  expect(parameter).toEqual({
    status: 'deferred',
    reason: 'The value is in model.safetensors and has not been read; Load reads it onto cpu(0).',
    gradReq: 'null',
    copies: [],
  });
});

test('load finishes it, unload puts it back', async () => {
  const { document, workspace } = await openSmall();
  const id = document.idOf('layer.0.weight');
  const told: number[] = [];
  workspace.subscribe((event) => {
    if (event.type === 'parameter') told.push(event.tensor);
  });
  const loaded = await document.load(id);
  expect(loaded).toMatchObject({
    status: 'initialized',
    copies: [{ device: 'cpu(0)', dtype: 'float32', bytes: 24, norm: Math.sqrt(91) }],
  });
  expect((await document.unload(id)).status).toBe('deferred');
  expect(told).toEqual([id, id]);
});

test('what is loaded is the edited value', async () => {
  const { document } = await openSmall();
  await document.edit({ kind: 'fill', select: 'layer.0.weight', value: '2' });
  await document.edit({ kind: 'cast', select: 'layer.0.weight', dtype: 'bfloat16' });
  const { copies } = await document.load(document.idOf('layer.0.weight'));
  expect(copies).toEqual([{ device: 'cpu(0)', dtype: 'bfloat16', bytes: 12, norm: Math.sqrt(24) }]);
});

test('an edit of the value makes the copies outdated; one of another tensor or of the name does not', async () => {
  const { document } = await openSmall();
  const id = document.idOf('layer.0.weight');
  await document.load(id);
  await document.edit({ kind: 'fill', select: 'mask', value: '1' });
  await document.edit({ kind: 'rename', from: 'layer.0.weight', to: 'w' });
  expect((await document.detail(id)).parameter.status).toBe('initialized');
  await document.edit({ kind: 'set', name: 'w', slice: '0,0', values: ['9'] });
  expect((await document.detail(id)).parameter).toMatchObject({
    status: 'deferred',
    reason: 'The value was edited after it was loaded; load it again.',
    copies: [],
  });
  expect((await document.load(id)).copies).toMatchObject([{ norm: Math.sqrt(171) }]);
});

test('a save leaves loaded copies as they are, and a later load reads the new file', async () => {
  const { document } = await openSmall();
  const id = document.idOf('layer.0.weight');
  await document.edit({ kind: 'fill', select: 'layer.0.weight', value: '1' });
  await document.load(id);
  await document.save();
  expect((await document.detail(id)).parameter).toMatchObject({
    status: 'initialized',
    copies: [{ norm: Math.sqrt(6) }],
  });
  await document.unload(id);
  expect((await document.load(id)).copies).toMatchObject([{ norm: Math.sqrt(6) }]);
});

test('a packed tensor says that it wants a cast first', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'packed.safetensors');
  await writeFile(path, safetensorsBytes([{ name: 'p', dtype: 'F4', shape: [4], bytes: Uint8Array.of(0x21, 0x43) }]));
  const document = await openWorkspace(folder).open(path);
  expect((await document.detail(0)).parameter.reason).toContain('cast it first');
  await expect(document.load(0)).rejects.toThrow(UnsupportedDTypeError);
});

test('a cancelled load leaves it deferred', async () => {
  const { document } = await openSmall();
  await expect(document.load(0, { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  expect((await document.detail(0)).parameter).toMatchObject({ status: 'deferred', copies: [] });
});
