import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { array, chunked, extension, map, pack } from '../containers/msgpack.ts';
import { pythonHas, runPython } from '../python.ts';
import { float32, float32Values, openWorkspace, readSafetensors, scratchFolder } from '../workspace/support.ts';

async function opened(bytes: Buffer): Promise<{ document: Document; path: string; folder: string }> {
  const folder = await scratchFolder();
  const path = join(folder, 'state.msgpack');
  await writeFile(path, bytes);
  return { document: await openWorkspace(folder).open(path), path, folder };
}

async function openedFixture(): Promise<{ document: Document; path: string; folder: string }> {
  const fixture = containerFixtures(['flax']).find(({ id }) => id === 'flax/params.msgpack');
  if (!fixture) throw new Error('The fixture is missing.');
  return await opened(await readFile(fixture.path));
}

async function tensorsOf(path: string): Promise<Record<string, number[]>> {
  const checkpoint = await openCheckpoint(path);
  const found: [string, number[]][] = [];
  for (const entry of checkpoint.entries) found.push([entry.name, [...(await checkpoint.read(entry))]]);
  return Object.fromEntries(found);
}

function floats(...values: readonly number[]): Buffer {
  return Buffer.from(float32(...values));
}

/** Two layers, a step and a list, as an optimizer's state has them. */
function small(): Buffer {
  return pack(
    map({
      step: 7,
      params: map({
        a: map({ kernel: array('float32', [2, 2], floats(1, 2, 3, 4)), bias: array('float32', [2], floats(5, 6)) }),
        b: map({ kernel: array('float32', [2], floats(7, 8)) }),
      }),
      list: [array('float32', [1], floats(9)), 'text'],
      odd: extension(42, Buffer.from('kept')),
    }),
  );
}

describe('saving a Flax checkpoint', () => {
  test('writes nothing where nothing was edited', async () => {
    const { document, path } = await openedFixture();
    const before = await readFile(path);
    expect(await document.save()).toMatchObject({ plan: 'none', bytesWritten: 0 });
    expect(await readFile(path)).toEqual(before);
  });

  test.each([false, true])('changes the bytes of an edited value and no other (in place: %s)', async (inPlace) => {
    const { document, path } = await opened(small());
    const before = await readFile(path);
    const [entry] = (await openCheckpoint(path)).entries;
    if (!entry) throw new Error('missing');
    await document.edit({ kind: 'set', name: 'params/a/kernel', slice: '1,0', values: ['42'] });
    expect(await document.save({ inPlace })).toMatchObject({ plan: inPlace ? 'in-place' : 'patch' });
    const expected = Buffer.from(before);
    expected.writeFloatLE(42, entry.offset + 8);
    expect(await readFile(path)).toEqual(expected);
  });

  test('changes values that lie in chunks', async () => {
    const parts = [floats(1, 2), floats(3, 4), floats(5)];
    const { document, path } = await opened(pack(map({ w: chunked('float32', [5], parts) })));
    const before = await readFile(path);
    await document.edit({ kind: 'set', name: 'w', slice: '1:3', values: ['20', '30'] });
    await document.save();
    const after = await readFile(path);
    expect(after.length).toBe(before.length);
    expect(after.filter((byte, i) => byte !== before[i]).length).toBeLessThanOrEqual(8);
    const { w = [] } = await tensorsOf(path);
    expect(float32Values(Uint8Array.from(w))).toEqual([1, 20, 30, 4, 5]);
  });

  test('renames, deletes and casts, and copies all else as it was', async () => {
    const { document, path } = await opened(small());
    const before = await tensorsOf(path);
    await document.edit({ kind: 'rename', from: 'params/a/bias', to: 'params/a/offset' });
    await document.edit({ kind: 'rename', from: 'params/b/kernel', to: 'params/c/deep/kernel' });
    await document.edit({ kind: 'delete', select: 'params/a/kernel' });
    await document.edit({ kind: 'cast', select: 'params/a/offset', dtype: 'bfloat16' });
    await document.save();
    const bfloat16 = Buffer.from([0xa0, 0x40, 0xc0, 0x40]);
    expect(await tensorsOf(path)).toEqual({
      'params/a/offset': [...bfloat16],
      'params/c/deep/kernel': before['params/b/kernel'],
      'list/0': before['list/0'],
    });
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.find('params/a/offset')).toMatchObject({ dtype: 'bfloat16', shape: [2] });
    expect(checkpoint.values?.map(({ key, text }) => [key, text])).toEqual([
      ['step', '7'],
      ['list', '2 items'],
      ['odd', '4 bytes'],
    ]);
    // Nothing of layer b is left, not even an empty map.
    expect((await readFile(path)).includes(Buffer.from('\xdb\0\0\0\x01b', 'latin1'))).toBe(false);
  });

  test('swaps two names', async () => {
    const { document, path } = await opened(small());
    const before = await tensorsOf(path);
    await document.edit({ kind: 'rename', from: 'params/a/kernel', to: 'params/a/x' });
    await document.edit({ kind: 'rename', from: 'params/a/bias', to: 'params/a/kernel' });
    await document.edit({ kind: 'rename', from: 'params/a/x', to: 'params/a/bias' });
    await document.save();
    const after = await tensorsOf(path);
    expect(after['params/a/bias']).toEqual(before['params/a/kernel']);
    expect(after['params/a/kernel']).toEqual(before['params/a/bias']);
  });

  test.each([
    [{ kind: 'delete', select: 'list/0' } as const, /item of a list/],
    [{ kind: 'rename', from: 'params/a/kernel', to: 'step' } as const, /another value/],
    [{ kind: 'rename', from: 'params/a/kernel', to: 'step/kernel' } as const, /nothing lies under it/],
    [{ kind: 'rename', from: 'params/a/kernel', to: 'params/b' } as const, /lies under it/],
    [{ kind: 'metadata', key: 'a', value: 'b' } as const, /no metadata/],
  ])('objects to %j before it is done', async (edit, reason) => {
    const { document } = await opened(small());
    await expect(document.edit(edit)).rejects.toThrow(reason);
    expect(document.summary().dirty).toBe(false);
  });

  test('writes a new checkpoint from one of another format and back', async () => {
    const { document, folder } = await opened(small());
    const safetensors = join(folder, 'model.safetensors');
    await document.exportTo(safetensors);
    const flax = join(folder, 'again.msgpack');
    const other = await openWorkspace(join(folder, 'other')).open(safetensors);
    await other.exportTo(flax);
    const after = await tensorsOf(flax);
    for (const [name, { bytes }] of (await readSafetensors(safetensors)).tensors)
      expect(after[name]).toEqual([...bytes]);
  });

  test.runIf(pythonHas('msgpack', 'numpy'))('msgpack and numpy for Python read what was saved', async () => {
    const { document, path, folder } = await openedFixture();
    const copy = join(folder, 'before.msgpack');
    await copyFile(path, copy);
    const name = (await openCheckpoint(path)).entries.find(({ dtype }) => dtype === 'float32')?.name ?? '';
    await document.edit({ kind: 'cast', select: name, dtype: 'float64' });
    await document.edit({ kind: 'rename', from: name, to: `${name}_wide` });
    await document.save();
    expect(runPython(COMPARE, copy, path, name)).toEqual({ equal: true, others: true });
  });
});

/** The array of one name became float64 under another; all else is as it was. */
const COMPARE = `
import sys, json, msgpack, numpy as np
def array(code, data):
    if code not in (1, 3): return (code, data)
    shape, dtype, raw = msgpack.unpackb(data, raw=True)
    return (tuple(shape), dtype.decode(), bytes(raw))
def load(path):
    with open(path, 'rb') as f: return msgpack.unpackb(f.read(), ext_hook=array, raw=False, strict_map_key=False)
before, after, name = load(sys.argv[1]), load(sys.argv[2]), sys.argv[3].split('/')
def parent(tree):
    for key in name[:-1]: tree = tree[key]
    return tree
old, new = parent(before).pop(name[-1]), parent(after).pop(name[-1] + '_wide')
equal = old[0] == new[0] and new[1] == 'float64' and np.array_equal(np.frombuffer(old[2], old[1]).astype('f8'), np.frombuffer(new[2], new[1]))
print(json.dumps({'equal': bool(equal), 'others': repr(before) == repr(after)}))
`;
