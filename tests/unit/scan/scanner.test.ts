import { appendFileSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CancelledError, FileChangedError, NotFoundError } from '../../../core/errors.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { TensorEngine } from '../../../core/stats/engine.ts';
import { SCALARS } from '../../../core/workspace/scan/record-codec.ts';
import type { ScanOptions, ScanResult } from '../../../core/workspace/scan/scan.ts';
import { Scanner } from '../../../core/workspace/scan/scanner.ts';
import { StatisticsCache } from '../../../core/workspace/scan/statistics-cache.ts';
import { tensorsOf, wholeStats } from './support.ts';

let folder: string;
let tensors: LazyTensor[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parascope-scan-'));
  tensors = tensorsOf(join(folder, 'model.bin'), [1, 2, 3, 4, 5]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lazy = (tensor: number): LazyTensor => {
  const found = tensors[tensor];
  if (!found) throw new NotFoundError(`There is no tensor number ${tensor}.`);
  return found;
};

interface Scanned extends ScanResult {
  readonly results: readonly (readonly [tensor: number, count: number])[];
  readonly read: readonly number[];
  readonly progress: readonly (readonly [done: number, total: number])[];
}

/** Scans tensors 0 to 4 with an engine that reads nothing. */
async function scan(options: Partial<ScanOptions> = {}, stats?: TensorEngine['stats']): Promise<Scanned> {
  const read: number[] = [];
  const results: [number, number][] = [];
  const progress: [number, number][] = [];
  const engine = {
    stats: async (...[tensor, follow]: Parameters<TensorEngine['stats']>) => {
      read.push((tensor.shape[0] ?? 0) - 1);
      return stats ? await stats(tensor, follow) : wholeStats(tensor.shape[0] ?? 0);
    },
  };
  const scanner = new Scanner(engine, new StatisticsCache({ folder: join(folder, 'cache'), codec: SCALARS }));
  const found = await scanner.scan(
    { tensors: [0, 1, 2, 3, 4], lazy },
    {
      onResult: (tensor, { count }) => results.push([tensor, count]),
      onProgress: (done, total) => progress.push([done, total]),
      ...options,
    },
  );
  return { ...found, results: results.sort(([a], [b]) => a - b), read, progress };
}

const ALL = [0, 1, 2, 3, 4].map((tensor) => [tensor, tensor + 1]);

test('every tensor is read once, with progress in bytes', async () => {
  const { results, read, progress, unread, failures } = await scan();
  expect({ results, read, unread, failures }).toEqual({ results: ALL, read: [0, 1, 2, 3, 4], unread: 0, failures: [] });
  expect(progress[0]).toEqual([0, 60]);
  expect(progress.at(-1)).toEqual([60, 60]);
});

test('a second scan reads nothing, also in another run', async () => {
  await scan();
  expect(await scan()).toEqual({ results: ALL, read: [], progress: [], unread: 0, failures: [] });
});

test('asked for what is known alone, it says how much is not', async () => {
  expect(await scan({ knownOnly: true })).toMatchObject({ results: [], read: [], unread: 5 });
});

test('after a cancel it goes on where it was', async () => {
  const controller = new AbortController();
  const cancelled = scan({
    signal: controller.signal,
    onResult: (tensor) => {
      if (tensor === 1) controller.abort(new CancelledError());
    },
  });
  await expect(cancelled).rejects.toThrow(CancelledError);
  const { results, read } = await scan();
  expect(results).toEqual(ALL);
  expect(read.length).toBeLessThan(5);
});

test('one tensor that cannot be read is said, and the rest is read', async () => {
  const { results, failures } = await scan({}, async (tensor) => {
    if (tensor.shape[0] === 3) throw new Error('Its chunk is damaged.');
    return wholeStats(tensor.shape[0] ?? 0);
  });
  expect(results).toEqual(ALL.filter(([tensor]) => tensor !== 2));
  expect(failures).toEqual([{ tensor: 2, message: 'Its chunk is damaged.' }]);
});

test('a tensor that is gone is a failure once', async () => {
  delete tensors[2];
  const { failures, read } = await scan();
  expect(failures).toEqual([{ tensor: 2, message: 'There is no tensor number 2.' }]);
  expect(read).toEqual([0, 1, 3, 4]);
});

test('a file that changes during the scan ends it, and nothing more is told', async () => {
  let told = 0;
  let ended = false;
  const changing = scan(
    {
      onResult: () => {
        if (ended) told += 1;
      },
    },
    async (tensor) => {
      if (tensor.shape[0] === 2) throw new FileChangedError('model.bin changed on disk.');
      await new Promise((resolve) => setTimeout(resolve, 20));
      return wholeStats(1);
    },
  );
  await expect(changing).rejects.toThrow(FileChangedError);
  ended = true;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(told).toBe(0);
});

test.each([
  ['was written to', () => appendFileSync(join(folder, 'model.bin'), 'x')],
  ['is gone', () => unlinkSync(join(folder, 'model.bin'))],
])('a file that %s is not answered for from memory', async (_what, change) => {
  await scan();
  change();
  await expect(scan()).rejects.toThrow(FileChangedError);
});
