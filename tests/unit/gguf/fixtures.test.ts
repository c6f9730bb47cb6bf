import { basename } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { namedEntries } from '../../../core/checkpoint/named-entries.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';

const engine = createTensorEngine({ threads: 1 });
afterAll(() => engine.close());

const COUNTS = ['count', 'zeros', 'nans', 'infs'] as const;
const MEASURES = ['min', 'max', 'mean', 'std', 'l2'] as const;

function describedValue(described: unknown): unknown {
  return typeof described === 'object' && described !== null && 'value' in described ? described.value : described;
}

/** The fixtures list the elements of nested arrays one after the other. */
function flattened(value: unknown): unknown {
  return Array.isArray(value) ? value.flat() : value;
}

describe.each(containerFixtures(['gguf']))('$id', ({ path, expected }) => {
  test('has the tensors, dtypes, shapes, bytes and hashes that its writer put in', async () => {
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.format).toBe('gguf');
    const entries = namedEntries(checkpoint);
    expect(
      entries.map(({ name, dtype, shape, nbytes, facts }) => [name, dtype, shape, nbytes, facts?.ggml_type]),
    ).toEqual(
      expected.tensors.map(({ name, dtype_norm, shape, nbytes, dtype }) => [name, dtype_norm, shape, nbytes, dtype]),
    );
    for (const [index, entry] of entries.entries()) {
      expect([entry.name, await engine.hash(lazyEntry(checkpoint, entry))]).toEqual([
        entry.name,
        expected.tensors[index]?.sha256,
      ]);
    }
    await checkpoint.close();
  });

  test('gives the float32 values of ggml, bit for bit, and their statistics', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const { name, sha256_dequant_f32: sum, stats: recorded } of expected.tensors) {
      const tensor = lazyEntry(checkpoint, checkpoint.find(name)!);
      if (sum) {
        const widened = { ...tensor, steps: [{ kind: 'cast', dtype: 'float32' } as const] };
        expect([name, await engine.hash(widened)]).toEqual([name, sum]);
      }
      if (!recorded) continue;
      const stats = await engine.stats(tensor);
      for (const key of COUNTS) expect([name, key, stats[key]]).toEqual([name, key, recorded[key]]);
      for (const key of MEASURES) {
        const wanted = Number(recorded[key]);
        expect([name, key, Math.abs((stats[key] ?? Number.NaN) - wanted) <= 1e-9 * Math.abs(wanted)]).toEqual([
          name,
          key,
          true,
        ]);
      }
    }
    await checkpoint.close();
  });

  test('shows its metadata', async () => {
    const { metadata, part } = await openCheckpoint(path);
    if (part !== undefined && part > 0) return;
    const wanted = Object.entries(expected.metadata).filter(([key]) => !key.startsWith('GGUF.'));
    expect(Object.keys(metadata)).toEqual(wanted.map(([key]) => key));
    for (const [key, described] of wanted) {
      const value = describedValue(described);
      const shown = Array.isArray(value) ? flattened(JSON.parse(metadata[key] ?? '')) : metadata[key];
      expect([key, shown]).toEqual([key, Array.isArray(value) ? value : String(value)]);
    }
  });
});

test.each([1, 2, 3])('a model in parts is one checkpoint, opened by part %i', async (part) => {
  const parts = containerFixtures(['gguf']).filter(({ id }) => id.includes('/split/'));
  const checkpoint = await openCheckpoint(parts[part - 1]!.path);
  expect(checkpoint.entries.map(({ name }) => name)).toEqual(
    parts.flatMap(({ expected }) => expected.tensors.map(({ name }) => name)),
  );
  expect(checkpoint.files.map(({ path }) => basename(path))).toEqual(parts.map(({ path }) => basename(path)));
  expect(checkpoint.metadata['general.architecture']).toBe('llama');
  expect(checkpoint.part).toBe(part - 1);
});
