import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileChangedError } from '../../../core/errors.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { TensorStats } from '../../../core/stats/engine.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { StatisticsArchive } from '../../../core/workspace/scan/statistics-archive.ts';
import { bytesOf, Scratch, weights } from '../stats/support.ts';

let folder: string;
let scratch: Scratch;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parascope-archive-'));
  scratch = new Scratch();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  scratch.remove();
});

/** An engine of its own, as another run of the program has it, and what it read. */
async function stats(tensor: LazyTensor, options: { bins?: number; quantiles?: number[] } = {}) {
  const engine = createTensorEngine({ threads: 1, memory: new StatisticsArchive(join(folder, 'whole')) });
  const progress: number[] = [];
  try {
    const found = await engine.stats(tensor, { ...options, onProgress: (done) => progress.push(done) });
    return { found, progress };
  } finally {
    await engine.close();
  }
}

const VALUES = weights(1000, 3);
const ODD = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-40);

test.each<[string, DType, ArrayBufferView, readonly number[]]>([
  ['float32', 'float32', VALUES, [1000]],
  ['odd values', 'float32', ODD, [5]],
  ['16 bits', 'bfloat16', VALUES, [2000]],
  ['complex numbers', 'complex64', VALUES, [500]],
  ['no finite values', 'float32', Float32Array.of(Number.NaN, Number.NaN), [2]],
  ['nothing', 'float32', new Float32Array(0), [0]],
])('what is remembered of %s is what was found', async (_what, dtype, values, shape) => {
  const tensor = scratch.tensor(dtype, shape, bytesOf(values));
  const first = await stats(tensor);
  // What nobody would compute tells that it was remembered.
  const forged = { ...first.found, zeros: 12_345 };
  const archive = new StatisticsArchive(join(folder, 'whole'));
  expect(await archive.recall(tensor, { bins: 64, quantiles: [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] })).toEqual(
    first.found,
  );
  archive.keep(tensor, { bins: 64, quantiles: [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] }, forged as TensorStats);
  await archive.close();
  const second = await stats(tensor);
  expect(second.found).toEqual(forged);
  expect(second.progress).toEqual([tensor.region.nbytes]);
});

test('other bins and quantiles are computed', async () => {
  const tensor = scratch.tensor('float32', [1000], bytesOf(VALUES));
  await stats(tensor);
  expect((await stats(tensor, { bins: 8 })).found.histogram?.counts).toHaveLength(8);
  expect((await stats(tensor, { quantiles: [0.5] })).found.quantiles).toHaveLength(1);
});

test('a file that changed is not answered for', async () => {
  const tensor = scratch.tensor('float32', [1000], bytesOf(VALUES));
  await stats(tensor);
  appendFileSync(tensor.region.path, 'x');
  await expect(stats(tensor)).rejects.toThrow(FileChangedError);
});
