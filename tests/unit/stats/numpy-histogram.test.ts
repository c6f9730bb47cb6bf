import { describe, expect, it } from 'vitest';
import type { DType } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { pythonWith } from '../../python.ts';
import { decodeAll, numpyHistogram, toNumber } from './model.ts';
import { bytesOf, random } from './support.ts';

const { scratch, engine } = scratchEngine(2);

const COUNT = 1_000_000;
const BINS = 64;
const MOST_APART = 2;
const DTYPES = ['float32', 'float64', 'float16', 'bfloat16', 'float8_e4m3fn', 'float8_e5m2'] as const;

/** What weights look like: a bell with a few values far out. */
function values(): Float64Array {
  const next = random(17);
  return Float64Array.from({ length: COUNT }, (_, k) => {
    const bell = (next() + next() + next() + next() - 2) * 0.04;
    return k % 1009 === 0 ? bell * 11 : bell;
  });
}

/** Storage bytes of the values in a dtype, and as a tensor. */
async function made(dtype: DType): Promise<{ tensor: LazyTensor; bytes: Uint8Array }> {
  const wide = scratch.tensor('float64', [COUNT], bytesOf(values()));
  const bytes = await engine.read({ ...wide, steps: [{ kind: 'cast', dtype }] }, 0, COUNT);
  return { tensor: scratch.tensor(dtype, [COUNT], bytes), bytes };
}

function furthest(counts: readonly number[], others: readonly number[]): number {
  return counts.reduce((most, count, k) => Math.max(most, Math.abs(count - (others[k] ?? 0))), 0);
}

describe('the bins of a million values', () => {
  for (const dtype of DTYPES) {
    it(`of ${dtype} are those of numpy.histogram in float64`, async () => {
      const { tensor, bytes } = await made(dtype);
      const { histogram } = await engine.stats(tensor);
      const expected = numpyHistogram(decodeAll(dtype, bytes, COUNT).map(toNumber), BINS);
      expect(histogram?.edges).toEqual(expected.edges);
      expect(furthest(histogram?.counts ?? [], expected.counts)).toBeLessThanOrEqual(MOST_APART);
      expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(COUNT);
    });
  }
});

const SCRIPT = `
import json, sys
import numpy as np, ml_dtypes
path, offset, dtype, bins = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
kind = np.dtype(dtype) if hasattr(np, dtype) else np.dtype(getattr(ml_dtypes, dtype))
x = np.fromfile(path, np.uint8, offset=offset).view(kind).astype(np.float64)
counts, edges = np.histogram(x, bins)
print(json.dumps({"counts": counts.tolist(), "edges": edges.tolist(), "std": x.std(), "l2": float(np.linalg.norm(x))}))
`;

import { scratchEngine } from './scratch-engine.ts';

const python = pythonWith('numpy', 'ml_dtypes');

describe.skipIf(!python)("NumPy's own histogram", () => {
  for (const dtype of DTYPES) {
    it(`has the same edges for ${dtype}, and counts within ${MOST_APART}`, async () => {
      const { tensor } = await made(dtype);
      const { histogram, std, l2 } = await engine.stats(tensor);
      const { path, offset } = tensor.region;
      const found = python?.(SCRIPT, path, String(offset), dtype, String(BINS)) as {
        readonly counts: number[];
        readonly edges: number[];
        readonly std: number;
        readonly l2: number;
      };
      expect(histogram?.edges).toEqual(found.edges);
      expect(furthest(histogram?.counts ?? [], found.counts)).toBeLessThanOrEqual(MOST_APART);
      expect(Math.abs((std ?? 0) - found.std)).toBeLessThanOrEqual(1e-12 * found.std);
      expect(Math.abs((l2 ?? 0) - found.l2)).toBeLessThanOrEqual(1e-12 * found.l2);
    });
  }
});
