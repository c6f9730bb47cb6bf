import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { EditInput } from '../../../core/workspace/edits.ts';
import { PYTHON, pythonHas, runPython } from '../python.ts';
import { scratchFolder } from '../workspace/support.ts';
import { DUMP } from './dump.ts';
import { described, describedFile, type Opened, openedCopy, openedFixture } from './support.ts';

const FIXTURES = [
  'hdf5/earliest.h5',
  'hdf5/latest.h5',
  'hdf5-h5py/kinds_earliest.h5',
  'keras/functional.h5',
  'keras/functional.weights.h5',
  'keras/functional.keras',
  'keras/sequential.h5',
  'keras/sequential.weights.h5',
  'keras/sequential.keras',
  'keras/tf_legacy.h5',
];

const hasH5py = pythonHas('h5py', 'numpy');

/** One edit of each kind, each on a tensor of its own; gives the names that they touch. */
async function editAll({ document, path }: Opened): Promise<string[]> {
  const { entries, values = [] } = await openCheckpoint(path);
  const linked = new Set(values.map(({ text }) => text));
  const free = entries.filter(({ name, nbytes, facts = {} }) => {
    return nbytes > 4 && !name.includes('.') && !linked.has(name) && !facts.unreadable;
  });
  const [a, b, c, d, e] = free.toReversed();
  if (!a || !b || !c || !d || !e) throw new Error('The fixture has too few tensors.');
  const edits: EditInput[] = [
    { kind: 'rename', from: a.name, to: `${a.name}_renamed` },
    { kind: 'delete', select: b.name },
    { kind: 'cast', select: c.name, dtype: c.dtype === 'float16' ? 'int32' : 'float16' },
    { kind: 'reshape', name: d.name, shape: [1, d.shape.reduce((product, size) => product * size, 1)] },
    { kind: 'copy', source: { tensor: e.name }, name: '/added/to a new group/it' },
    { kind: 'fill', select: e.name, value: '1' },
  ];
  for (const edit of edits) await document.edit(edit);
  return [a, b, c, d, e].map(({ name }) => name);
}

/** Without the lists of Keras, which tell of names. */
function withoutLists(dump: unknown): unknown {
  return JSON.parse(JSON.stringify(dump, (key, value) => (/^(layer|weight)_names/.test(key) ? undefined : value)));
}

describe('an HDF5 file whose structure changes', () => {
  test.each(FIXTURES)('%s holds what the document held, and all else as it was', async (id) => {
    const opened = await openedFixture(id);
    const { document, path } = opened;
    const former = await openCheckpoint(path);
    await editAll(opened);
    const expected = await described(opened);
    expect(await document.planSave()).toMatchObject({ action: 'rewrite', fits: true });
    await document.save();
    expect(await describedFile(opened, path)).toEqual(expected);
    const after = await openCheckpoint(path);
    expect(after.metadata).toEqual(former.metadata);
    expect(after.others?.map(({ before, offset, ...other }) => other)).toEqual(
      former.others?.map(({ before, offset, ...other }) => other),
    );
  });

  test.runIf(hasH5py).each(FIXTURES.filter((id) => id.endsWith('.h5')))(
    'h5py finds in %s what it found before, but for what was edited',
    async (id) => {
      const opened = await openedFixture(id);
      const { document, path } = opened;
      const copy = join(await scratchFolder(), 'former.h5');
      await document.exportTo(copy);
      const touched = await editAll(opened);
      await document.save();
      const skipped = [...touched, `${touched[0]}_renamed`, '/added'];
      const before = withoutLists(runPython(DUMP, copy, ...skipped));
      expect(withoutLists(runPython(DUMP, path, ...skipped))).toEqual(before);
    },
  );

  test.runIf(hasH5py).each(['earliest', 'v110', 'latest'])(
    'references, lists, named types, links, orders and filters of h5py (libver=%s) are the same behind a rename',
    async (version) => {
      const original = join(await scratchFolder(), 'made.h5');
      execFileSync(PYTHON, ['-c', MAKE, original, version]);
      const { document, path } = await openedCopy(original, 'edited.h5');
      await document.edit({ kind: 'rename', from: '/plain', to: '/n/m/renamed' });
      await document.edit({ kind: 'cast', select: '/gzip', dtype: 'float64' });
      await document.edit({ kind: 'metadata', key: 'note', value: 'ß' });
      await document.save();
      const skipped = ['/plain', '/n', '/gzip'];
      const after = runPython(DUMP, path, ...skipped) as Record<string, unknown>;
      const before = runPython(DUMP, original, ...skipped) as Record<string, unknown>;
      const root = JSON.stringify(after['/']).replace('"\'ß\'"', '"\'first\'"');
      expect({ ...after, '/': JSON.parse(root) }).toEqual(before);
      const [dtype, , chunks, compression] = (runPython(DUMP, path) as Record<string, unknown[]>)['/gzip'] ?? [];
      expect([dtype, chunks, compression]).toEqual(['float64', [10, 7], 'gzip']);
    },
  );

  test.runIf(hasH5py)('h5py adds to what was saved', async () => {
    const opened = await openedFixture('hdf5/latest.h5');
    await editAll(opened);
    await opened.document.save();
    expect(runPython(GROW, opened.path)).toBe('grown');
  });
});

const MAKE = `
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], 'w', libver=sys.argv[2], userblock_size=512) as f:
    x = f.create_dataset('x', data=np.arange(5.)); y = f.create_dataset('y', data=np.ones((5, 3)))
    x.make_scale('xs'); y.dims[0].attach_scale(x); y.dims[1].label = 'c'
    f.attrs['note'] = 'first'
    f.attrs['ref'] = y.ref
    f.attrs['region'] = y.regionref[1:3, 0:2]
    f['refs'] = np.array([x.ref, y.ref], dtype=h5py.ref_dtype)
    regions = f.create_dataset('regions', (1,), dtype=h5py.regionref_dtype); regions[0] = y.regionref[2:4, :]
    lists = f.create_dataset('lists', (3,), dtype=h5py.vlen_dtype(np.int32)); lists[0] = [1, 2, 3]; lists[2] = [7]
    f['texts'] = np.array(['a', '', 'long ' * 2000], dtype=h5py.string_dtype())
    f['Named'] = np.dtype([('a', 'f4'), ('s', h5py.string_dtype())])
    records = f.create_dataset('records', (2,), dtype=f['Named']); records[0] = (1.5, 'one'); records[1] = (2.5, 'two')
    g = f.create_group('g/h'); g.attrs['texts'] = np.array(['q', 'rr'], dtype=h5py.string_dtype())
    f['Int'] = np.dtype('<i4'); g.attrs.create('named', 5, dtype=f['Int'])
    f['soft'] = h5py.SoftLink('/g/h'); f['ext'] = h5py.ExternalLink('other.h5', '/z'); f['alias'] = f['y']
    ordered = f.create_group('ordered', track_order=True)
    for k in 'zayb': ordered[k] = np.full(2, ord(k)); ordered.attrs[k] = k
    f['null'] = h5py.Empty('f8')
    f.create_dataset('plain', data=np.arange(6, dtype='f4'))
    f.create_dataset('gzip', (40, 30), chunks=(10, 7), compression='gzip', maxshape=(None, 30), shuffle=True, data=np.random.rand(40, 30).astype('f4'))
    f.create_dataset('scaled', (100,), chunks=(10,), scaleoffset=3, data=np.arange(100) / 7)
    f.create_dataset('lzf', (100,), chunks=(10,), compression='lzf', data=np.arange(100) % 5)
    f.create_dataset('many', (5000,), chunks=(1,), data=np.arange(5000, dtype='i2'))
    wide = f.create_group('wide')
    for i in range(600): wide.create_dataset(f'n{i:05}', data=np.float32(i))
`;

const GROW = `
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], 'r+') as f:
    for i in range(100): f['more/%d' % i] = np.arange(i)
    f['chunked/resizable'].resize(20, axis=0); f['chunked/resizable'][9:] = 3
    f.attrs['more'] = 'x' * 1000
    del f['wide']
with h5py.File(sys.argv[1]) as f:
    assert f['more/99'].shape == (99,) and f['chunked/resizable'][19, 0] == 3 and len(f.attrs['more']) == 1000
print('"grown"')
`;
