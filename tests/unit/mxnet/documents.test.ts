import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import { mxnetFixtures } from '../../fixtures/catalog.ts';
import { openWorkspace, SMALL, SMALL_METADATA, safetensorsBytes, scratchFolder } from '../workspace/support.ts';
import { csrRecord, denseRecord, field, float32Bytes, listFile, rowSparseRecord, V2, V3 } from './support.ts';

interface Opened {
  readonly folder: string;
  readonly path: string;
  readonly document: Document;
  at(name: string): string;
  bytes(): Buffer;
}

async function opened(content: Buffer, name = 'model.params'): Promise<Opened> {
  const folder = await scratchFolder();
  const path = join(folder, name);
  writeFileSync(path, content);
  const document = await openWorkspace(folder).open(path);
  return { folder, path, document, at: (file) => join(folder, file), bytes: () => readFileSync(path) };
}

/** Names, dtypes, shapes and dense bytes of all tensors of a file. */
async function contentOf(path: string): Promise<Record<string, unknown>> {
  const checkpoint = await openCheckpoint(path);
  const tensors: Record<string, unknown> = {};
  for (const entry of checkpoint.entries) {
    const bytes = Buffer.from(await checkpoint.read(entry)).toString('hex');
    tensors[entry.name] = { dtype: entry.dtype, shape: entry.shape, bytes };
  }
  await checkpoint.close();
  return tensors;
}

const gpu = Buffer.concat([field.i32(2), field.i32(3)]);
/** A record of 0.10, without a version. */
const oldest = Buffer.concat([field.u32(1), field.u32(2), gpu, field.i32(0), float32Bytes(1, 2)]);
const names = ['arg:old', 'arg:w', 'rows', 'csr'];
const MIXED = listFile([oldest, denseRecord({ context: gpu }), rowSparseRecord(), csrRecord()], field.names(...names));

describe('saving a list file', () => {
  test('without edits writes nothing, whatever follows the names', async () => {
    const { document, bytes } = await opened(Buffer.concat([MIXED, Buffer.from('trailing')]));
    const before = bytes();
    expect(await document.save()).toMatchObject({ plan: 'none' });
    expect(bytes()).toEqual(before);
  });

  test.each([false, true])('a changed element changes its bytes alone (in place: %s)', async (inPlace) => {
    const { document, bytes } = await opened(MIXED);
    await document.edit({ kind: 'set', name: 'arg:w', slice: '1', values: ['9'] });
    expect(await document.save({ inPlace })).toMatchObject({ plan: inPlace ? 'in-place' : 'patch' });
    const expected = Buffer.from(MIXED);
    float32Bytes(9).copy(expected, 24 + oldest.length + 32 + 4);
    expect(bytes()).toEqual(expected);
  });

  test('a rename rewrites the names and copies every record as it is', async () => {
    const { document, bytes } = await opened(MIXED);
    await document.edit({ kind: 'rename', from: 'csr', to: 'a longer name' });
    await document.save();
    const records = [oldest, denseRecord({ context: gpu }), rowSparseRecord(), csrRecord()];
    expect(bytes()).toEqual(listFile(records, field.names(...names.slice(0, 3), 'a longer name')));
    await document.edit({ kind: 'rename', from: 'a longer name', to: 'csr' });
    await document.save();
    expect(bytes()).toEqual(MIXED);
  });

  test('a deleted array takes its record and its name along', async () => {
    const { document, bytes } = await opened(MIXED);
    await document.edit({ kind: 'delete', select: 'rows' });
    await document.save();
    const records = [oldest, denseRecord({ context: gpu }), csrRecord()];
    expect(bytes()).toEqual(listFile(records, field.names('arg:old', 'arg:w', 'csr')));
  });

  test('a cast changes the type flag and keeps version and device', async () => {
    const { document, bytes } = await opened(MIXED);
    await document.edit({ kind: 'cast', select: 'arg:*', dtype: 'uint8' });
    await document.save();
    const old = Buffer.concat([field.u32(1), field.u32(2), gpu, field.i32(3), Buffer.of(1, 2)]);
    const dense = denseRecord({ context: gpu, flag: 3, values: Buffer.of(1, 2) });
    expect(bytes()).toEqual(listFile([old, dense, rowSparseRecord(), csrRecord()], field.names(...names)));
  });

  test('an edited sparse array becomes dense, the others stay sparse', async () => {
    const { document, path } = await opened(MIXED);
    await document.edit({ kind: 'scale', select: 'rows', factor: 2 });
    await document.save();
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.entries.map((entry) => entry.sparse?.layout.stype)).toEqual([
      undefined,
      undefined,
      undefined,
      'csr',
    ]);
    const rows = checkpoint.find('rows');
    expect(rows && Buffer.from(await checkpoint.read(rows))).toEqual(float32Bytes(2, -0, 0, 0, 6, -4, 0, 0));
    expect(await contentOf(path)).toMatchObject({ csr: { shape: [3, 4] } });
  });

  test('the document goes on: what was saved can be undone no more, and edited again', async () => {
    const { document, path } = await opened(MIXED);
    await document.edit({ kind: 'fill', select: 'arg:w', value: '5' });
    await document.save();
    expect(document.summary()).toMatchObject({ dirty: false, undo: null, format: 'mxnet' });
    await document.edit({ kind: 'fill', select: 'arg:w', value: '6' });
    await document.undo();
    expect(await document.save()).toMatchObject({ plan: 'none' });
    expect(await contentOf(path)).toMatchObject({ 'arg:w': { bytes: float32Bytes(5, 5).toString('hex') } });
  });

  test('metadata is refused before it is edited', async () => {
    const { document } = await opened(MIXED);
    const refused = document.edit({ kind: 'metadata', key: 'a', value: 'b' });
    await expect(refused).rejects.toThrow(/no place for metadata: save or convert the file to .safetensors first/);
    expect(document.summary().dirty).toBe(false);
  });

  test('a dtype that MXNet lacks is refused, and safetensors takes it', async () => {
    const { document, bytes, at } = await opened(MIXED);
    await document.edit({ kind: 'cast', select: 'arg:w', dtype: 'float8_e5m2' });
    await expect(document.save()).rejects.toThrow(/cannot store float8_e5m2 \("arg:w"\).*save as safetensors/);
    expect(bytes()).toEqual(MIXED);
    await document.exportTo(at('out.safetensors'));
    expect(await contentOf(at('out.safetensors'))).toMatchObject({ 'arg:w': { dtype: 'float8_e5m2' } });
  });
});

describe('records that show nowhere', () => {
  const none = Buffer.concat([field.u32(V2), field.i32(0), field.shape()]);

  test('those of no array stay where they are', async () => {
    const { document, bytes } = await opened(
      listFile([denseRecord(), none, denseRecord()], field.names('a', 'none', 'b')),
    );
    await document.edit({ kind: 'delete', select: 'a' });
    await document.save();
    expect(bytes()).toEqual(listFile([none, denseRecord()], field.names('none', 'b')));
  });

  test('what an array of the same name hides goes once it would come to light', async () => {
    const last = denseRecord({ values: float32Bytes(3, 4) });
    const { document, bytes } = await opened(listFile([denseRecord(), last, none], field.names('w', 'w', 'none')));
    await document.edit({ kind: 'fill', select: 'w', value: '7' });
    await document.save();
    const filled = denseRecord({ values: float32Bytes(7, 7) });
    expect(bytes()).toEqual(listFile([denseRecord(), filled, none], field.names('w', 'w', 'none')));
    await document.edit({ kind: 'rename', from: 'w', to: 'v' });
    await document.save();
    expect(bytes()).toEqual(listFile([filled, none], field.names('v', 'none')));
  });
});

test('a file in which the last of a name is no array is left as it is', async () => {
  const none = Buffer.concat([field.u32(V2), field.i32(0), field.shape()]);
  const content = listFile([denseRecord(), none, denseRecord()], field.names('w', 'w', 'v'));
  const { document, bytes } = await opened(content);
  expect(document.listing().names).toEqual(['v']);
  expect(await document.save()).toMatchObject({ plan: 'none' });
  await document.edit({ kind: 'set', name: 'v', slice: '0', values: ['5'] });
  await document.save();
  expect(bytes()).toEqual(
    listFile([denseRecord(), none, denseRecord({ values: float32Bytes(5, 2) })], field.names('w', 'w', 'v')),
  );
});

describe('a list without names', () => {
  const list = listFile([denseRecord(), denseRecord({ flag: 4 })]);

  test('stays one while its arrays go by their positions', async () => {
    const { document, bytes } = await opened(list);
    await document.edit({ kind: 'set', name: '0', slice: '0', values: ['9'] });
    await document.edit({ kind: 'delete', select: '1' });
    await document.save();
    expect(bytes()).toEqual(listFile([denseRecord({ values: float32Bytes(9, 2) })]));
  });

  test('gets names where they must be told apart', async () => {
    const { document, bytes } = await opened(list);
    await document.edit({ kind: 'delete', select: '0' });
    await document.save();
    expect(bytes()).toEqual(listFile([denseRecord({ flag: 4 })], field.names('1')));
  });
});

describe('from format to format', () => {
  test('safetensors as MXNet, without its metadata, and back', async () => {
    const original = safetensorsBytes(SMALL, SMALL_METADATA);
    const { document, path, at } = await opened(original, 'model.safetensors');
    await document.exportTo(at('out.params'));
    expect(await contentOf(at('out.params'))).toEqual(await contentOf(path));
    // One of the tensors is a scalar.
    expect(readFileSync(at('out.params')).readUInt32LE(24)).toBe(V3);
    const back = await openWorkspace(await scratchFolder()).open(at('out.params'));
    await back.exportTo(at('back.safetensors'));
    expect(await contentOf(at('back.safetensors'))).toEqual(await contentOf(path));
  });

  test('Save as in the other format, and the document belongs to the new file', async () => {
    const { document, at } = await opened(MIXED);
    await document.edit({ kind: 'rename', from: 'arg:w', to: 'w' });
    await document.saveAs(at('new.safetensors'));
    expect(document.summary()).toMatchObject({ format: 'safetensors', name: 'new.safetensors', dirty: false });
    await document.edit({ kind: 'metadata', key: 'a', value: 'b' });
    await document.saveAs(at('again.nd'));
    expect(document.summary()).toMatchObject({ format: 'mxnet', name: 'again.nd', metadata: {} });
  });

  test.each(mxnetFixtures())('$id as safetensors and as MXNet again', async ({ path }) => {
    const folder = await scratchFolder();
    const own = join(folder, 'own.params');
    copyFileSync(path, own);
    const document = await openWorkspace(folder).open(own);
    const there = join(folder, 'there.safetensors');
    await document.exportTo(there);
    expect(await contentOf(there)).toEqual(await contentOf(path));
    const other = await openWorkspace(join(folder)).open(there);
    await other.exportTo(join(folder, 'back.params'));
    expect(await contentOf(join(folder, 'back.params'))).toEqual(await contentOf(path));
  });
});

test('a sparse tensor is loaded, summed up and compared in its dense form', async () => {
  const { document, folder, path } = await opened(MIXED);
  const workspace = openWorkspace(folder);
  const lazy = document.lazy(document.idOf('rows'));
  expect(await workspace.engine.stats(lazy)).toMatchObject({ count: 8, zeros: 5, max: 3, min: -2 });
  const checkpoint = await openCheckpoint(path);
  const entry = checkpoint.find('rows');
  expect(entry && (await workspace.engine.diff(lazy, lazyEntry(checkpoint, entry)))).toMatchObject({
    identicalBytes: true,
  });
  expect(await document.parameters.load(document.idOf('rows'))).toMatchObject({ status: 'initialized' });
});
