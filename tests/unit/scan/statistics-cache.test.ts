import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { SCALARS } from '../../../core/workspace/scan/record-codec.ts';
import type { ScalarStats } from '../../../core/workspace/scan/scalar-stats.ts';
import { StatisticsCache } from '../../../core/workspace/scan/statistics-cache.ts';
import { scalars, tensorsOf } from './support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parascope-statistics-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Cache = StatisticsCache<ScalarStats>;

function cacheIn(options: { readonly mostBytes?: number; readonly mostFileBytes?: number } = {}): Cache {
  return new StatisticsCache({ folder: join(folder, 'cache'), codec: SCALARS, ...options });
}

async function opened(cache: Cache, { region }: LazyTensor): Promise<Cache> {
  await cache.open(region.path, region.stamp);
  return cache;
}

/** A file with statistics of its two tensors in the cache on disk. */
async function remembered(name = 'model.bin'): Promise<readonly [LazyTensor, LazyTensor]> {
  const [a, b] = tensorsOf(join(folder, name), [10, 20]);
  if (!a || !b) throw new Error('no tensors');
  const cache = await opened(cacheIn(), a);
  cache.put(a, scalars(10, { min: -0, distinct: 3 }));
  cache.put(b, scalars(20, { min: null, max: null, mean: null }));
  await cache.flush();
  return [a, b];
}

function recordPath(): string {
  const [name = ''] = readdirSync(join(folder, 'cache'));
  return join(folder, 'cache', name);
}

test('what one run found the next one knows, bit for bit', async () => {
  const [a, b] = await remembered();
  const cache = await opened(cacheIn(), a);
  expect(cache.get(a)).toEqual(scalars(10, { min: -0, distinct: 3 }));
  expect(cache.get(b)).toEqual(scalars(20, { min: null, max: null, mean: null }));
});

test.each([
  ['size', { size: 81 }],
  ['mtimeMs', { mtimeMs: 5 }],
  ['ino', { ino: 5 }],
])('another %s of the file is another file', async (_what, change) => {
  const [a] = await remembered();
  const other = { ...a, region: { ...a.region, stamp: { ...a.region.stamp, ...change } } };
  const cache = await opened(cacheIn(), other);
  expect(cache.get(other)).toBeNull();
  expect(cache.get(a)).toBeNull();
});

test.each<[string, Partial<LazyTensor>]>([
  ['dtype', { dtype: 'int32' }],
  ['shape', { shape: [2, 5] }],
  ['edit', { steps: [{ kind: 'scale', factor: 2 }] }],
  ['packing', { packed: { decoder: 'strided', parameters: { start: 1 }, files: [] } }],
])('another %s is another value', async (_what, change) => {
  const [a] = await remembered();
  const cache = await opened(cacheIn(), a);
  expect(cache.get({ ...a, ...change })).toBeNull();
  cache.put({ ...a, ...change }, scalars(7));
  expect(cache.get({ ...a, ...change })).toEqual(scalars(7));
  expect(cache.get(a)?.count).toBe(10);
});

test('a damaged record is no record', async () => {
  const [a] = await remembered();
  const whole = readFileSync(recordPath());
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, by, cut) => {
      const damaged = Uint8Array.from(cut ? whole.subarray(0, at) : whole);
      if (!cut) damaged[at] = (damaged[at] ?? 0) ^ by;
      writeFileSync(recordPath(), damaged);
      expect((await opened(cacheIn(), a)).get(a)).toBeNull();
    }),
    { numRuns: 60 },
  );
});

test('the records that were not asked for longest make room', async () => {
  for (const name of ['old.bin', 'used.bin']) await remembered(name);
  for (const name of readdirSync(join(folder, 'cache'))) utimesSync(join(folder, 'cache', name), 1000, 1000);
  const [used] = tensorsOf(join(folder, 'used.bin'), [10, 20]);
  if (!used) throw new Error('no tensor');
  const bytes = readFileSync(recordPath()).length;
  const [again] = await remembered('used.bin');
  const [added] = tensorsOf(join(folder, 'new.bin'), [10]);
  if (!added) throw new Error('no tensor');
  const cache = await opened(cacheIn({ mostBytes: 2 * bytes }), added);
  cache.put(added, scalars(1));
  await cache.flush();
  expect(readdirSync(join(folder, 'cache'))).toHaveLength(2);
  const later = await opened(await opened(cacheIn(), added), again);
  expect([later.get(added)?.count, later.get(again)?.count]).toEqual([1, 10]);
});

test('a folder that cannot be written to is no cache, and no failure', async () => {
  writeFileSync(join(folder, 'cache'), 'a file where the folder would be');
  const [a] = tensorsOf(join(folder, 'model.bin'), [10]);
  if (!a) throw new Error('no tensor');
  const cache = await opened(cacheIn(), a);
  cache.put(a, scalars(10));
  await cache.flush();
  expect(cache.get(a)?.count).toBe(10);
});

test('no more is kept of a file than there is room for', async () => {
  const tensors = tensorsOf(join(folder, 'model.bin'), [10, 20, 30]);
  const cache = cacheIn({ mostFileBytes: 2 * 8 * SCALARS.width });
  for (const tensor of tensors) (await opened(cache, tensor)).put(tensor, scalars(1));
  expect(tensors.map((tensor) => cache.get(tensor)?.count)).toEqual([1, 1, undefined]);
});

test('a file that several ask for at once is opened once', async () => {
  const [a] = await remembered();
  const cache = cacheIn();
  const first = opened(cache, a).then(() => cache.put(a, scalars(77)));
  await Promise.all([first, opened(cache, a), opened(cache, a)]);
  expect(cache.get(a)?.count).toBe(77);
});
