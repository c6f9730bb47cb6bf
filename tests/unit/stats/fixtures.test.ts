import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { createUnpacker } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import type { TensorStats } from '../../../core/stats/engine.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { containerFixtures, type ExpectedTensor } from '../../fixtures/catalog.ts';

const scratch = mkdtempSync(join(tmpdir(), 'parascope-stats-'));
const unpacker = createUnpacker({ root: scratch });
const engine = createTensorEngine({ threads: 2, unpacker });

afterAll(async () => {
  await engine.close();
  await unpacker.close();
  rmSync(scratch, { recursive: true, force: true });
});

const FOLDERS = [
  'safetensors',
  'hf',
  'mxnet',
  'mxnet-real',
  'numpy',
  'gguf',
  'onnx',
  'pytorch',
  'hdf5',
  'keras',
  'flax',
  'tfjs',
  'tflite',
  'tensorflow',
];
const EXACT = ['count', 'zeros', 'nans', 'infs', 'min', 'max'] as const;
const TOLERANCE = 1e-12;

type Recorded = NonNullable<ExpectedTensor['stats']>;

/** Fixtures write what JSON cannot as strings; -0 is 0. */
function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value) + 0;
}

/** Where a measure is further off than it may be: nothing where all is well. */
function strayed(stats: TensorStats, recorded: Recorded): string[] {
  const [mean, std] = [numberOf(recorded.mean) ?? 0, numberOf(recorded.std) ?? 0];
  const scales = { mean: Math.abs(mean) + std, std, l2: numberOf(recorded.l2) ?? 0 };
  return (['mean', 'std', 'l2'] as const).flatMap((key) => {
    const [actual, wanted] = [stats[key], numberOf(recorded[key])];
    if (!(key in recorded) || Object.is(actual, wanted)) return [];
    const near = actual !== null && wanted !== null && Math.abs(actual - wanted) <= TOLERANCE * scales[key];
    return near ? [] : [`${key} ${actual} instead of ${wanted}`];
  });
}

describe('the hashes and statistics that the makers of the fixtures recorded', () => {
  const fixtures = containerFixtures(FOLDERS).filter(({ expected }) => expected.tensors?.some(({ stats }) => stats));

  it('are there to compare with', () => {
    expect(fixtures.length).toBeGreaterThan(0);
  });

  for (const { id, path, expected } of fixtures) {
    it(`are found in ${id}`, async () => {
      const checkpoint = await openCheckpoint(path);
      try {
        for (const { name, sha256, sha256_dequant_f32: dequantized, stats: recorded } of expected.tensors) {
          const entry = checkpoint.find(name);
          if (recorded === undefined || !entry) continue;
          const tensor = lazyEntry(checkpoint, entry);
          expect([sha256, dequantized]).toContain(await engine.hash(tensor));
          const stats = await engine.stats(tensor);
          const exact = EXACT.filter((key) => key in recorded);
          const pick = (from: TensorStats | Recorded) => exact.map((key) => [key, numberOf(from[key])]);
          expect({ name, exact: pick(stats) }).toEqual({ name, exact: pick(recorded) });
          expect({ name, strayed: strayed(stats, recorded) }).toEqual({ name, strayed: [] });
          const counted = stats.histogram?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
          if (stats.min !== null) expect(counted).toBe(stats.count - stats.nans - stats.infs);
        }
      } finally {
        await checkpoint.close();
      }
    });
  }
});
