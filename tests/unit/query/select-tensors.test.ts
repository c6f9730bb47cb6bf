import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../core/errors.ts';
import type { TensorEngine, TensorStats } from '../../../core/stats/engine.ts';
import { parseQuery } from '../../../core/workspace/query/parse.ts';
import { type Searched, type SelectOptions, selectTensors } from '../../../core/workspace/query/select-tensors.ts';
import { Scanner } from '../../../core/workspace/scan/scanner.ts';

// Any file that is there.
const path = fileURLToPath(import.meta.url);
const { size, mtimeMs, ino } = statSync(path);
const stamp = { size, mtimeMs, ino };

const NAMES = ['a.weight', 'a.bias', 'b.weight', 'b.bias', 'c.weight'];
const IDS = [10, 20, 30, 40, 50];

const searched: Searched = {
  listing: () => ({
    ids: Uint32Array.from(IDS),
    names: NAMES,
    dtypes: NAMES.map((name) => (name.startsWith('b') ? 'bfloat16' : 'float32')),
    shapes: NAMES.map((name) => (name.endsWith('bias') ? [4] : [4, 4])),
    bytes: Float64Array.from(NAMES, (_, i) => 100 * i),
  }),
  lazy: (id) => ({ dtype: 'uint8', shape: [id], region: { path, offset: id, nbytes: 5, stamp }, steps: [] }),
};

/** Reads nothing: a tensor's standard deviation is its id, and one of them cannot be read. */
function scannerThatReads(asked: number[], unreadable = 0): Scanner {
  const stats: TensorEngine['stats'] = async ({ shape: [id = 0] }, options) => {
    asked.push(id);
    options?.onProgress?.(3);
    await Promise.resolve();
    if (id === unreadable) throw new Error('it is damaged');
    return { std: id, quantiles: null, histogram: null } as TensorStats;
  };
  return new Scanner({ stats });
}

async function select(text: string, options: Partial<SelectOptions> = {}) {
  const asked: number[] = [];
  const scanner = scannerThatReads(asked);
  const { tensors } = await selectTensors(searched, parseQuery(text), { scanner, ...options });
  return { tensors, asked };
}

test.each([
  ['', IDS],
  ['weight', [10, 30, 50]],
  ['/^[ab].w/ -dtype:bf16', [10]],
  ['size>=300', [40, 50]],
])('%s finds %j without reading', async (text, tensors) => {
  expect(await select(text)).toEqual({ tensors, asked: [] });
});

test('only what meets the rest is read, what is on screen first', async () => {
  const first = new Set([40, 50]);
  expect(await select('std>20 -name:a.*', { first })).toEqual({ tensors: [30, 40, 50], asked: [40, 50, 30] });
});

test('tells what it finds, and how far it is', async () => {
  const found: number[] = [];
  const progress: number[] = [];
  await select('std>25', { onFound: (id) => found.push(id), onProgress: (done) => progress.push(done) });
  expect(found.sort()).toEqual([30, 40, 50]);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(25);
});

test('a tensor that cannot be read is said, and the others are found', async () => {
  const scanner = scannerThatReads([], 30);
  expect(await selectTensors(searched, parseQuery('std>15'), { scanner })).toEqual({
    tensors: [20, 40, 50],
    failures: [{ tensor: 30, message: 'it is damaged' }],
  });
});

test('an expression that would backtrack for years is stopped', async () => {
  const names = ['a'.repeat(60)];
  const long: Searched = { ...searched, listing: () => ({ ...searched.listing(), ids: Uint32Array.of(1), names }) };
  const scanner = scannerThatReads([]);
  await expect(selectTensors(long, parseQuery('/^(a+)+!$/'), { scanner })).rejects.toThrow(InvalidArgumentError);
}, 30_000);
