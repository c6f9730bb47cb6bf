import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { scratchUnpacker } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';

const engine = createTensorEngine({ threads: 1, unpacker: scratchUnpacker() });
afterAll(() => engine.close());

const COUNTS = ['count', 'zeros', 'nans', 'infs'] as const;
const MEASURES = ['min', 'max', 'mean', 'std', 'l2'] as const;

describe.each(containerFixtures(['onnx']))('$id', ({ path, expected }) => {
  const numbers = expected.tensors.filter(({ dtype_norm }) => dtype_norm !== 'string' && dtype_norm !== null);
  const strings = expected.tensors.filter(({ dtype_norm }) => dtype_norm === 'string');

  test('lists every tensor as its writer put it in', async () => {
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.format).toBe('onnx');
    expect(checkpoint.entries.length + (checkpoint.others?.length ?? 0)).toBe(expected.tensor_count);
    for (const { name, dtype_norm, shape, nbytes, dtype } of numbers) {
      expect(checkpoint.find(name)).toMatchObject({
        name,
        dtype: dtype_norm,
        shape,
        nbytes,
        facts: { onnx_type: dtype },
      });
    }
    const listed = (checkpoint.others ?? []).map(({ name, dtype, shape, text }) => [
      name,
      dtype,
      shape,
      JSON.parse(text),
    ]);
    expect(listed).toEqual(strings.map((tensor) => [tensor.name, 'string', tensor.shape, tensor.strings]));
  });

  test('gives the bytes and statistics that its writer recorded', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const { name, sha256, stats: recorded } of numbers) {
      const entry = checkpoint.find(name)!;
      const tensor = lazyEntry(checkpoint, entry);
      expect([name, await engine.hash(tensor)]).toEqual([name, sha256]);
      expect([
        name,
        createHash('sha256')
          .update(await checkpoint.read(entry))
          .digest('hex'),
      ]).toEqual([name, sha256]);
      if (!recorded) continue;
      const stats = await engine.stats(tensor);
      for (const key of COUNTS) expect([name, key, stats[key]]).toEqual([name, key, recorded[key]]);
      for (const key of MEASURES.filter((measure) => measure in recorded)) {
        const wanted = recorded[key] === null ? null : Number(recorded[key]);
        const found = stats[key];
        const near = found !== null && wanted !== null && Math.abs(found - wanted) <= 1e-9 * Math.abs(wanted);
        const empty = stats.count === 0 && key === 'l2';
        expect([name, key, near || empty ? wanted : found]).toEqual([name, key, wanted]);
      }
    }
  });

  test('says where each tensor stands, and what the model says of itself', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const tensor of numbers) {
      const { where } = tensor as unknown as { readonly where: string };
      expect(checkpoint.find(tensor.name)?.facts?.where).toBe(where);
    }
    const metadata = expected.metadata as { metadata_props: object; ir_version: number; node_count: number };
    expect(checkpoint.metadata).toEqual(metadata.metadata_props);
    const said = new Map(checkpoint.values?.map((value) => [value.key, value]));
    expect(said.get('ir_version')?.text).toBe(String(metadata.ir_version));
    expect(said.get('graph')?.children?.find(({ key }) => key === 'nodes')?.text).toBe(String(metadata.node_count));
  });
});

test('a sparse initializer is the dense tensor that it stands for', async () => {
  const [fixture] = containerFixtures(['onnx']).filter(({ path }) => basename(path) === 'subgraph_sparse.onnx');
  const checkpoint = await openCheckpoint(fixture!.path);
  const dense = await checkpoint.read(checkpoint.find('sp')!);
  const values = new Float32Array(dense.buffer, dense.byteOffset, 12);
  expect([...values]).toEqual([0, 1.5, 0, 0, 0, 0, 0, 2.5, 0, 0, 0, 0]);
  expect(checkpoint.find('sp')?.facts).toMatchObject({ stored: 'sparse', stored_values: '2' });
});
