import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../core/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { PYTHON, pythonHas, runPython } from '../python.ts';
import { scratchFolder } from '../workspace/support.ts';
import { evaluated, openedCopy, openedFixture, valuesOf } from './support.ts';

/** Arrays of which some chunks were never written, the first of them among these. */
const PARTIAL = ['/index/btree2_filtered', '/index/extensible_array_paged'];
/** A file with an attribute that keeps its structure from being written anew. */
const UNMOVABLE = 'hdf5-h5py/kinds_v110.h5';

/** Entries whose first element can become 1. */
function editable({ facts = {}, dtype, name, nbytes }: Entry): boolean {
  return !facts.unreadable && !facts.written && !name.includes('.') && nbytes > 0 && !dtype.startsWith('complex');
}

describe('saving an HDF5 file', () => {
  test('writes nothing where nothing was edited', async () => {
    const { document, path, before } = await openedFixture('hdf5/earliest.h5');
    expect(await document.save()).toMatchObject({ plan: 'none' });
    expect(await readFile(path)).toEqual(before);
  });

  test.each([false, true])('changes the bytes of a value in one run, and no others (in place: %s)', async (inPlace) => {
    const { document, path, before } = await openedFixture('keras/sequential.weights.h5');
    const entry = (await openCheckpoint(path)).entries.find(({ dtype }) => dtype === 'float32');
    if (!entry) throw new Error('missing');
    await document.edit({ kind: 'fill', select: entry.name, value: '0.5' });
    await document.save({ inPlace });
    const expected = Buffer.from(before);
    expected.fill(Buffer.from([0, 0, 0, 0x3f]), entry.offset, entry.offset + entry.nbytes);
    expect(await readFile(path)).toEqual(expected);
  });

  test.each(['/be_f4', '/chunked/plain'])('writes nothing but zeros over what %s was', async (name) => {
    const { document, path } = await openedFixture('hdf5/earliest.h5');
    await document.edit({ kind: 'fill', select: name, value: '0' });
    await document.save();
    const values = (await valuesOf(path)).get(name);
    expect(values).toEqual(Buffer.alloc(values?.length ?? 0));
    expect(values?.length).toBeGreaterThan(0);
  });

  test.each(['hdf5/earliest.h5', 'hdf5/latest.h5', 'hdf5-h5py/kinds_earliest.h5', 'hdf5-h5py/kinds_v110.h5'])(
    'changes values however %s stores them, and nothing else',
    async (id) => {
      const opened = await openedFixture(id);
      const { document, path } = opened;
      const values = await valuesOf(path);
      const former = await openCheckpoint(path);
      const edited = former.entries.filter(editable).filter(({ name }) => id !== UNMOVABLE || !PARTIAL.includes(name));
      const refused: string[] = [];
      for (const { name, shape } of edited) {
        const slice = shape.map(() => '0').join(',');
        await document.edit({ kind: 'set', name, slice, values: ['1'] }).catch(() => refused.push(name));
      }
      const expected = new Map(values);
      for (const { name } of edited) {
        if (refused.includes(name)) continue;
        expected.set(name, await evaluated(opened, name));
      }
      await document.save();
      const after = await valuesOf(path);
      for (const [name, bytes] of expected) expect([name, after.get(name)?.equals(bytes)]).toEqual([name, true]);
      const checkpoint = await openCheckpoint(path);
      expect(checkpoint.values).toEqual(former.values);
      expect(checkpoint.entries.map(({ name, facts }) => [name, facts])).toEqual(
        former.entries.map(({ name, facts }) => [name, facts]),
      );
    },
  );

  test.each([false, true])(
    'changes a value of a Keras archive and the checksums of the member that holds it (in place: %s)',
    async (inPlace) => {
      const { document, path, before } = await openedFixture('keras/functional.keras');
      const former = await openCheckpoint(path);
      const entry = former.entries.find(({ dtype }) => dtype === 'float32');
      if (!entry) throw new Error('missing');
      await document.edit({ kind: 'fill', select: entry.name, value: '0.5' });
      await document.save({ inPlace });
      const after = await readFile(path);
      const member = after.lastIndexOf('model.weights.h5') - 46;
      const start = after.readUInt32LE(member + 42);
      const data = start + 30 + after.readUInt16LE(start + 26) + after.readUInt16LE(start + 28);
      const checksum = crc32(after.subarray(data, data + after.readUInt32LE(member + 24)));
      expect(after.readUInt32LE(member + 16)).toBe(checksum);
      const expected = Buffer.from(before);
      expected.fill(Buffer.from([0, 0, 0, 0x3f]), entry.offset, entry.offset + entry.nbytes);
      for (const at of [start + 14, member + 16]) expected.writeUInt32LE(checksum, at);
      expect(after).toEqual(expected);
      expect((await openCheckpoint(path)).values).toEqual(former.values);
    },
  );

  test('refuses a value in a chunk that was never written where the structure stays, and leaves the file as it was', async () => {
    const { document, path, before } = await openedFixture(UNMOVABLE);
    await document.edit({ kind: 'fill', select: '/index/btree2_filtered', value: '1' });
    await expect(document.save()).rejects.toThrow(/btree2_filtered' cannot be saved.*never written/);
    expect(await readFile(path)).toEqual(before);
    const edit = document.edit({ kind: 'fill', select: '/never_written', value: '1' });
    await expect(edit).rejects.toThrow(/Only values can be changed.*attribute 'huge' of '\/attributes' is too large/);
  });

  test.each(['/index/btree2_filtered', '/never_written'])('writes %s, of which there was nothing', async (name) => {
    const opened = await openedFixture('hdf5-h5py/kinds_earliest.h5');
    const { document, path } = opened;
    const before = await valuesOf(path);
    await document.edit({ kind: 'fill', select: name, value: '1' });
    const expected = new Map([...before, [name, await evaluated(opened, name)]]);
    await document.save();
    expect(await valuesOf(path)).toEqual(expected);
  });

  test.runIf(pythonHas('h5py', 'numpy')).each(['earliest', 'latest'])(
    'h5py reads what was saved over a file of its own (%s)',
    async (version) => {
      const folder = await scratchFolder();
      const original = join(folder, 'made.h5');
      execFileSync(PYTHON, ['-c', MAKE, original, version]);
      const { document, path } = await openedCopy(original, 'edited.h5');
      for (const { name, shape } of (await openCheckpoint(path)).entries) {
        await document.edit({ kind: 'scale', select: name, factor: 0.5 });
        const slice = shape.map(() => '1').join(',');
        await document.edit({ kind: 'set', name, slice, values: ['12345'] });
      }
      await document.save();
      expect(runPython(COMPARE, original, path)).toEqual([]);
    },
  );
});

/** Every way in which h5py stores an array; random numbers do not compress, so that chunks outgrow their places. */
const MAKE = `
import sys, h5py, numpy as np
rng = np.random.default_rng(1)
with h5py.File(sys.argv[1], 'w', libver=sys.argv[2]) as f:
    a = np.zeros((37, 53), 'f4')
    f.create_dataset('contiguous', data=a + 3)
    f.create_dataset('chunked', data=a + 3, chunks=(8, 16))
    f.create_dataset('gzip', data=a + 3, chunks=(8, 16), compression='gzip', compression_opts=4)
    f.create_dataset('shuffled', data=rng.normal(size=(37, 53)), chunks=(8, 16), compression='gzip', shuffle=True, fletcher32=True)
    f.create_dataset('lzf', data=a + 2, chunks=(10, 10), compression='lzf')
    f.create_dataset('single', data=a + 2, chunks=(37, 53), compression='gzip')
    f.create_dataset('growing', data=a + 2, chunks=(5, 53), maxshape=(None, 53), compression='gzip')
    f.create_dataset('grid', data=a + 2, chunks=(5, 7), maxshape=(None, None), compression='gzip')
    f.create_dataset('many', data=np.arange(20000.0).reshape(2000, 10), chunks=(1, 10), maxshape=(None, 10), compression='gzip')
    f.create_dataset('fixed', data=np.arange(20000.0).reshape(2000, 10), chunks=(1, 10), compression='gzip')
    f.create_dataset('swapped', data=np.arange(12).reshape(3, 4).astype('>f8'))
    d = h5py.h5p.create(h5py.h5p.DATASET_CREATE); d.set_layout(h5py.h5d.COMPACT)
    s = h5py.h5d.create(f.id, b'compact', h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), d)
    s.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(4, dtype='f4'))
    f['contiguous'].attrs['note'] = 'kept'
`;

const COMPARE = `
import sys, json, h5py, numpy as np
wrong = []
with h5py.File(sys.argv[1]) as old, h5py.File(sys.argv[2]) as new:
    if sorted(old) != sorted(new) or new['contiguous'].attrs['note'] != 'kept': wrong.append('structure')
    for name in old:
        expected = (old[name][...].astype('f8') * 0.5).astype(old[name].dtype)
        expected[(1,) * expected.ndim] = 12345
        if not np.array_equal(expected, new[name][...]): wrong.append(name)
        if old[name].chunks != new[name].chunks or old[name].compression != new[name].compression: wrong.append(name + ' storage')
with h5py.File(sys.argv[2], 'r+') as new:
    new['added'] = np.arange(1000)
with h5py.File(sys.argv[2]) as new:
    for name in new: new[name][...]
print(json.dumps(wrong))
`;
