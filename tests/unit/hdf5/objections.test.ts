import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EditInput } from '../../../core/workspace/edits.ts';
import { PYTHON, pythonHas } from '../python.ts';
import { scratchFolder } from '../workspace/support.ts';
import { openedCopy, openedFixture } from './support.ts';

const earliest = 'hdf5/earliest.h5';
const kinds = 'hdf5-h5py/kinds_earliest.h5';

test.each<[string, EditInput, RegExp]>([
  [earliest, { kind: 'rename', from: '/be_f4', to: 'f2' }, /is its path: call it '\/f2'/],
  [earliest, { kind: 'rename', from: '/be_f4', to: '/a//b' }, /cannot be a path in an HDF5 file/],
  [earliest, { kind: 'rename', from: '/be_f4', to: '/f8/x' }, /'\/f8' is a value, and nothing lies under it/],
  [earliest, { kind: 'rename', from: '/be_f4', to: '/ints' }, /'\/ints\/i1' lies under it/],
  [earliest, { kind: 'rename', from: '/be_f4', to: '/empty_group' }, /name of another value/],
  [earliest, { kind: 'rename', from: '/be_f4', to: '/strings/fixed' }, /name of another value/],
  [earliest, { kind: 'cast', select: '/be_f4', dtype: 'float8_e4m3fn' }, /cannot store float8_e4m3fn/],
  [kinds, { kind: 'rename', from: '/table.x', to: '/x' }, /column of records/],
  [kinds, { kind: 'delete', select: '/table.x' }, /column of records/],
  ['hdf5-h5py/kinds_v110.h5', { kind: 'delete', select: '/compact' }, /Only values can be changed in this HDF5 file/],
])('%s: objects to %j before it is made', async (id, edit, reason) => {
  const { document } = await openedFixture(id);
  await expect(document.edit(edit)).rejects.toThrow(reason);
  expect(document.summary().dirty).toBe(false);
});

const hasH5py = pythonHas('h5py', 'numpy');

test.runIf(hasH5py).each<[string, EditInput, RegExp]>([
  ["f['link'] = h5py.SoftLink('/a')", { kind: 'rename', from: '/a', to: '/c' }, /'\/link' is a link to '\/a'/],
  ["f['z'] = f['a']", { kind: 'delete', select: '/a' }, /'\/z' is a link to '\/a'/],
  ["f.attrs['r'] = f['b'].ref", { kind: 'delete', select: '/a' }, /holds references to objects/],
  [
    "v = h5py.VirtualLayout((2,), 'f4'); v[:] = h5py.VirtualSource(f['a']); f.create_virtual_dataset('v', v)",
    { kind: 'rename', from: '/a', to: '/c' },
    /'\/v' is a virtual dataset/,
  ],
  [
    "f.create_dataset('t', (4,), dtype=h5py.string_dtype(), chunks=(2,))",
    { kind: 'delete', select: '/a' },
    /'\/t' holds texts, lists or references in chunks/,
  ],
  [
    "f.create_dataset('e', (4,), 'f4', external=[('e.bin', 0, 16)])",
    { kind: 'cast', select: '/a', dtype: 'float64' },
    /elements of '\/e' lie in other files/,
  ],
])('behind %s, objects to %j', async (make, edit, reason) => {
  const original = join(await scratchFolder(), 'made.h5');
  const program = `import h5py, numpy as np\nwith h5py.File(${JSON.stringify(original)}, 'w') as f:\n    f['a'] = f['b'] = np.ones(2, 'f4')\n    ${make}`;
  execFileSync(PYTHON, ['-c', program]);
  const { document } = await openedCopy(original, 'edited.h5');
  await expect(document.edit(edit)).rejects.toThrow(reason);
  await document.edit({ kind: 'fill', select: '/b', value: '3' });
  await document.save();
});
