import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { pythonHas, runPython } from '../python.ts';
import { described, openedFixture } from './support.ts';

const READ = `
import sys, json, h5py
with h5py.File(sys.argv[1]) as f:
    print(json.dumps({k: [str(f.attrs.get_id(k).dtype), list(f.attrs.get_id(k).shape), repr(f.attrs[k])] for k in f.attrs}))
`;

describe('the attributes of the root, which are the metadata of an HDF5 file', () => {
  test('keep their types, come and go', async () => {
    const opened = await openedFixture('hdf5/earliest.h5');
    const { document, path } = opened;
    const tensors = await described(opened);
    for (const [key, value] of [
      ['arr', '[7, -8]'],
      ['f', '-0.25'],
      ['names', '["längere", "b", "c"]'],
      ['str', ''],
      ['neu', 'é模'],
    ] as const) {
      await document.edit({ kind: 'metadata', key, value });
    }
    await document.save();
    const { metadata } = await openCheckpoint(path);
    expect(metadata).toEqual({ arr: '[7,-8]', f: '-0.25', names: '["längere","b","c"]', neu: 'é模', str: '' });
    expect(await described(opened)).toEqual(tensors);
    if (pythonHas('h5py')) {
      expect(runPython(READ, path)).toEqual({
        arr: ['int64', [2], 'array([ 7, -8])'],
        f: ['float64', [], 'np.float64(-0.25)'],
        names: ['|S8', [3], "array([b'l\\xc3\\xa4ngere', b'b', b'c'], dtype='|S8')"],
        neu: ['object', [], "'é模'"],
        str: ['object', [], "''"],
      });
    }
    await document.edit({ kind: 'metadata', key: 'arr', value: null });
    await document.save();
    expect((await openCheckpoint(path)).metadata).not.toHaveProperty('arr');
  });

  test.each([
    ['arr', '7', /is a list/],
    ['arr', '[1.5]', /int64/],
    ['f', 'much', /float64/],
  ])('take no value that is none of theirs: %s = %s', async (key, value, reason) => {
    const { document } = await openedFixture('hdf5/latest.h5');
    await expect(document.edit({ kind: 'metadata', key, value })).rejects.toThrow(reason);
    expect(document.summary().dirty).toBe(false);
  });

  test('of a Keras archive are those of its metadata.json, and the configuration stays', async () => {
    const { document, path } = await openedFixture('keras/sequential.keras');
    const { values, metadata } = await openCheckpoint(path);
    await document.edit({ kind: 'metadata', key: 'keras_version', value: '9.9' });
    await document.edit({ kind: 'metadata', key: 'trained by', value: 'me' });
    await document.save();
    const after = await openCheckpoint(path);
    expect(after.metadata).toEqual({ ...metadata, keras_version: '9.9', 'trained by': 'me' });
    expect(after.values).toEqual(values);
  });
});
