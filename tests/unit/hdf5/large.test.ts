import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { USUAL_STYLE } from '../../../core/checkpoint/hdf5/superblock.ts';
import { newDataset } from '../../../core/checkpoint/hdf5/write/dataset-object.ts';
import { layoutHdf5 } from '../../../core/checkpoint/hdf5/write/layout.ts';
import type { HdfObject } from '../../../core/checkpoint/hdf5/write/model.ts';
import { ObjectPaths } from '../../../core/checkpoint/hdf5/write/object-paths.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { pythonHas, runPython } from '../python.ts';
import { openWorkspace, scratchFolder } from '../workspace/support.ts';

const STYLE = { version: 1, flags: 0, extras: Buffer.alloc(0) } as const;
/** Elements of the first tensor: what follows lies beyond 4 GiB. */
const COUNT = 1_200_000_000;

/** A sparse file of which only the structure and the last values are written. */
async function largeFile(path: string): Promise<void> {
  const group = { links: new Map(), symbols: true };
  const root: HdfObject = { style: STYLE, messages: [], attributes: [], group, storage: null, described: null };
  const paths = new ObjectPaths({ root, objects: new Map(), superblock: USUAL_STYLE });
  for (const [tensor, [name, count]] of [
    ['/a/large', COUNT],
    ['/b/last', 2],
  ].entries()) {
    const shape = [Number(count)];
    const nbytes = 4 * Number(count);
    const data = { kind: 'values', tensor, nbytes } as const;
    const object = newDataset(
      { name: String(name), dtype: 'float32', shape },
      { kind: 'contiguous', nbytes, data },
      STYLE,
    );
    paths.attach(String(name), { object, soft: null, stored: null });
  }
  const { pieces, total } = await layoutHdf5({ root, objects: new Map(), superblock: USUAL_STYLE }, 0);
  await using file = await open(path, 'w');
  await file.truncate(total);
  for (const piece of pieces) {
    if (piece.kind === 'bytes') await file.write(piece.bytes, 0, piece.bytes.length, piece.to);
    else if (piece.run.kind === 'values' && piece.run.tensor === 1) {
      await file.write(Buffer.from(new Float32Array([1.5, -2]).buffer), 0, 8, piece.to);
    }
  }
}

test('values beyond 4 GiB are found, and a rename tells how much it copies', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'large.h5');
  await largeFile(path);
  const checkpoint = await openCheckpoint(path);
  const entry = checkpoint.find('/b/last');
  if (!entry) throw new Error('The entry is missing.');
  expect(entry.offset).toBeGreaterThan(2 ** 32);
  expect(new Float32Array(new Uint8Array(await checkpoint.read(entry)).buffer)).toEqual(new Float32Array([1.5, -2]));
  if (pythonHas('h5py')) {
    const program =
      'import sys, h5py, json; print(json.dumps([float(x) for x in h5py.File(sys.argv[1])["b/last"][:]]))';
    expect(runPython(program, path)).toEqual([1.5, -2]);
  }
  const document = await openWorkspace(folder).open(path);
  await document.edit({ kind: 'rename', from: '/b/last', to: '/b/first' });
  const plan = await document.planSave();
  expect(plan).toMatchObject({ action: 'rewrite', inPlace: false });
  expect(plan.files[0]?.copiedBytes).toBe(4 * COUNT + 8);
  expect(plan.newBytes).toBeLessThan(10_000);
});
