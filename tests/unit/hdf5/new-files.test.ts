import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { pythonHas, runPython } from '../python.ts';
import { openWorkspace, safetensorsBytes, scratchFolder } from '../workspace/support.ts';
import { DUMP } from './dump.ts';
import { described, describedFile, openedFixture } from './support.ts';

async function source(tensors: Parameters<typeof safetensorsBytes>[0], metadata: Record<string, string> = {}) {
  const folder = await scratchFolder();
  const path = join(folder, 'source.safetensors');
  await writeFile(path, safetensorsBytes(tensors, metadata));
  const workspace = openWorkspace(folder);
  return { folder, workspace, document: await workspace.open(path), path, before: Buffer.alloc(0) };
}

/** Dtypes of safetensors with their bytes, and what h5py makes of them: it widens what NumPy has no name for. */
const DTYPES = {
  BOOL: [1, 'bool'],
  U8: [1, 'uint8'],
  I8: [1, 'int8'],
  F8_E5M2: [1, 'float16'],
  I16: [2, 'int16'],
  U16: [2, 'uint16'],
  F16: [2, 'float16'],
  BF16: [2, 'float32'],
  I32: [4, 'int32'],
  U32: [4, 'uint32'],
  F32: [4, 'float32'],
  C64: [8, 'complex64'],
  F64: [8, 'float64'],
  I64: [8, 'int64'],
  U64: [8, 'uint64'],
} as const;

test('a new .h5 has a dataset per tensor, groups by the slashes in names, and metadata as attributes', async () => {
  const tensors = Object.entries(DTYPES).map(([dtype, [size]], i) => {
    return { name: `net/${i}/${dtype}`, dtype, shape: [2, 3], bytes: Buffer.alloc(6 * size, 1) };
  });
  const nothing = { name: 'net/none', dtype: 'F32', shape: [0, 4], bytes: Buffer.alloc(0) };
  const opened = await source([...tensors, nothing], { author: 'é', empty: '' });
  const target = join(opened.folder, 'new.h5');
  const plan = await opened.document.planSave({ target: { path: target } });
  expect(plan.losses).toEqual(["HDF5 files call tensors by their paths: 'net/0/BOOL' becomes '/net/0/BOOL'."]);
  await opened.document.exportTo(target);
  const checkpoint = await openCheckpoint(target);
  expect(checkpoint.format).toBe('hdf5');
  expect(checkpoint.metadata).toEqual({ author: 'é', empty: '' });
  const expected = Object.entries(await described(opened)).map(([name, value]) => [`/${name}`, value]);
  expect(await describedFile(opened, target)).toEqual(Object.fromEntries(expected));
  if (!pythonHas('h5py', 'numpy')) return;
  const dump = runPython(DUMP, target) as Record<string, unknown[]>;
  for (const [i, [dtype, [, kind]]] of Object.entries(DTYPES).entries()) {
    expect([dtype, dump[`/net/${i}/${dtype}`]?.[0]]).toEqual([dtype, kind]);
  }
});

test('what HDF5 has no type for is widened, and said beforehand', async () => {
  const bytes = Buffer.from([0x7e, 0x38]);
  const { document, folder } = await source([{ name: 'w', dtype: 'F8_E4M3', shape: [2], bytes }]);
  const target = join(folder, 'new.h5');
  expect((await document.planSave({ target: { path: target } })).losses).toContain(
    '1 tensor of float8_e4m3fn is written as float16.',
  );
  await document.exportTo(target);
  const [entry] = (await openCheckpoint(target)).entries;
  expect(entry).toMatchObject({ name: '/w', dtype: 'float16' });
});

test('a tensor cannot lie under another', async () => {
  const bytes = Buffer.alloc(4);
  const { document, folder } = await source([
    { name: 'a', dtype: 'F32', shape: [1], bytes },
    { name: 'a/b', dtype: 'F32', shape: [1], bytes },
  ]);
  await expect(document.exportTo(join(folder, 'new.h5'))).rejects.toThrow(/'\/a/);
});

test('the weights of a Keras archive become a file of their own, with all that they say of themselves', async () => {
  const opened = await openedFixture('keras/functional.keras');
  const target = join(await scratchFolder(), 'model.weights.h5');
  const { losses } = await opened.document.planSave({ target: { path: target } });
  expect(losses).toEqual(['The configuration of the model and the other members of the archive are left out.']);
  await opened.document.exportTo(target);
  const former = await openCheckpoint(opened.path);
  const { entries, values, metadata } = await openCheckpoint(target);
  expect(entries.map(({ name }) => name)).toEqual(former.entries.map(({ name }) => name));
  expect(metadata).toEqual(former.metadata);
  expect(JSON.stringify(values)).toContain('multi_head_attention');
});

test('an HDF5 file that was not edited is copied byte for byte', async () => {
  const { document, before } = await openedFixture('hdf5/latest.h5');
  const target = join(await scratchFolder(), 'copy.h5');
  await document.exportTo(target);
  expect(Buffer.compare(before, await readFile(target))).toBe(0);
});
