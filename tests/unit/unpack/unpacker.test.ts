import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, expect, test } from 'vitest';
import { stampOf } from '../../../core/checkpoint/byte-source.ts';
import { createUnpacker, type ScratchUnpackerOptions } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import { plainBytes, type StoredBytes, stridedStorage } from '../../../core/checkpoint/unpack/stored-bytes.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { PackedStorage, Unpacker } from '../../../core/ndarray/packed-storage.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'parascope-unpacker-'));
const root = join(folder, 'scratch');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unpackers: Unpacker[] = [];
afterEach(async () => {
  for (const unpacker of unpackers.splice(0)) await unpacker.close();
});

function unpackerOf(options: ScratchUnpackerOptions = {}): Unpacker {
  const unpacker = createUnpacker({ root, threads: 1, ...options });
  unpackers.push(unpacker);
  return unpacker;
}

let count = 0;

/** A reversed run of bytes: nothing but unpacking gives it. */
async function reversed(nbytes: number): Promise<LazyTensor> {
  count += 1;
  const path = join(folder, `file${count}.bin`);
  writeFileSync(path, Buffer.alloc(nbytes, count));
  const packed = stridedStorage(plainBytes({ file: 0, offset: 0, nbytes }), {
    itemsize: 1,
    swap: 1,
    start: nbytes - 1,
    strides: [-1],
  });
  return await tensorOf(path, nbytes, packed);
}

async function tensorOf(path: string, nbytes: number, packed: PackedStorage): Promise<LazyTensor> {
  const files = [{ path, stamp: await stampOf(path) }];
  return {
    dtype: 'uint8',
    shape: [nbytes],
    region: { path, stamp: await stampOf(path), offset: 0, nbytes },
    packed: { ...packed, files },
    steps: [],
  };
}

/** So long that a test can do something meanwhile: zeros inflate fast, but not at once. */
async function longTensor(): Promise<LazyTensor> {
  const nbytes = 512 * 1024 * 1024;
  const piece = deflateRawSync(Buffer.alloc(nbytes), { level: 1 });
  count += 1;
  const path = join(folder, `file${count}.bin`);
  writeFileSync(path, piece);
  const stored: StoredBytes = {
    runs: [{ file: 0, offset: 0, nbytes: piece.length }],
    compression: 'deflate',
    length: nbytes,
    crc32: null,
    start: 0,
    nbytes,
  };
  return await tensorOf(path, nbytes, stridedStorage(stored, { itemsize: 1, swap: 1, start: 0, strides: null }));
}

test('what is plain is given back as it is', async () => {
  const { packed: _, ...plain } = await reversed(10);
  const lease = await unpackerOf().unpack(plain);
  expect(lease.tensor).toEqual(plain);
});

test('nobody unpacks a value of which a fill leaves nothing', async () => {
  const tensor = await reversed(10);
  const filled: LazyTensor = { ...tensor, steps: [{ kind: 'fill', element: 'AQ==' }] };
  rmSync(tensor.region.path);
  const lease = await unpackerOf().unpack(filled);
  expect(lease.tensor.packed).toBeUndefined();
});

test('scratch files are for the user alone, and gone when the unpacker is closed', async () => {
  const unpacker = unpackerOf();
  const lease = await unpacker.unpack(await reversed(100));
  const { path } = lease.tensor.region;
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  lease.release();
  await unpacker.close();
  expect(existsSync(join(path, '..'))).toBe(false);
});

test('callers that want one value at once share the work', async () => {
  const unpacker = unpackerOf();
  const tensor = await reversed(1000);
  const leases = await Promise.all([1, 2, 3].map(() => unpacker.unpack(structuredClone(tensor))));
  expect(new Set(leases.map(({ tensor: { region } }) => region.path)).size).toBe(1);
  for (const lease of leases) lease.release();
});

test('what nobody looks at makes room, the value used longest ago first; what is held stays', async () => {
  const unpacker = unpackerOf({ limit: 2500 });
  const [a, b, c] = await Promise.all([reversed(1000), reversed(1000), reversed(1000)]);
  const pathOf = async (tensor: LazyTensor): Promise<string> => {
    const lease = await unpacker.unpack(tensor);
    lease.release();
    return lease.tensor.region.path;
  };
  const [pathA, pathB] = [await pathOf(a), await pathOf(b)];
  expect(await pathOf(a)).toBe(pathA);
  await pathOf(c);
  expect([existsSync(pathA), existsSync(pathB)]).toEqual([true, false]);
  const held = await unpacker.unpack(a);
  await pathOf(b);
  expect(existsSync(held.tensor.region.path)).toBe(true);
  held.release();
});

test('a value that no room can be made for is refused with what it takes; others wait their turn', async () => {
  const unpacker = unpackerOf({ limit: 1500 });
  await expect(unpacker.unpack(await reversed(2000))).rejects.toMatchObject({
    code: 'OUT_OF_MEMORY',
    message: expect.stringMatching(/takes 2000 bytes of scratch space.*PARASCOPE_SCRATCH_LIMIT/),
  });
  const held = await unpacker.unpack(await reversed(1000));
  const waiting = unpacker.unpack(await reversed(1000));
  await expect(unpacker.unpack(await reversed(1000), { wait: false })).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
  const aborted = new AbortController();
  const given = unpacker.unpack(await reversed(1000), { signal: aborted.signal });
  aborted.abort();
  await expect(given).rejects.toMatchObject({ code: 'CANCELLED' });
  held.release();
  (await waiting).release();
});

test('two tensors of which only one fits at a time cannot be compared, and say so instead of waiting forever', async () => {
  const unpacker = unpackerOf({ limit: 1500 });
  const engine = createTensorEngine({ threads: 1, unpacker });
  try {
    const tensors = await Promise.all([reversed(1000), reversed(1000)]);
    const [a, b] = tensors;
    if (!a || !b) return;
    await expect(engine.diff(a, b)).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
    expect((await engine.stats(a)).count).toBe(1000);
  } finally {
    await engine.close();
  }
});

test('unpacking is cancelled where all who wait have gone, and goes on for whoever stays', async () => {
  const unpacker = unpackerOf();
  const tensor = await longTensor();
  const [first, second] = [new AbortController(), new AbortController()];
  let reports = 0;
  const one = unpacker.unpack(tensor, { signal: first.signal, onProgress: () => first.abort() });
  const two = unpacker.unpack(tensor, {
    signal: second.signal,
    onProgress: () => {
      reports += 1;
      if (reports === 3) second.abort();
    },
  });
  await expect(one).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(two).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(reports).toBeGreaterThanOrEqual(3);
  const [own] = readdirSync(root).filter((name) => name.includes(`-${process.pid}-`));
  const deadline = Date.now() + 10_000;
  while (readdirSync(join(root, own ?? '')).length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(readdirSync(join(root, own ?? ''))).toEqual([]);
}, 60_000);

test('progress of the engine is of both halves, rises, and ends at the size of the tensor', async () => {
  const engine = createTensorEngine({ threads: 1, unpacker: unpackerOf() });
  try {
    const tensor = await reversed(40 * 1024 * 1024);
    for (const run of ['packed', 'unpacked before']) {
      const seen: number[] = [];
      await engine.hash(tensor, { onProgress: (done) => seen.push(done) });
      expect(seen, run).toEqual(seen.toSorted((a, b) => a - b));
      expect(seen.at(-1), run).toBe(tensor.region.nbytes);
    }
  } finally {
    await engine.close();
  }
});

test('a file that changed is noticed, before it is unpacked and after', async () => {
  const unpacker = unpackerOf();
  const tensor = await reversed(100);
  const other = await reversed(100);
  (await unpacker.unpack(tensor)).release();
  for (const { region } of [tensor, other]) utimesSync(region.path, 1, 1);
  await expect(unpacker.unpack(tensor)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  await expect(unpacker.unpack(other)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  rmSync(other.region.path);
  await expect(unpacker.unpack(other)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
});

test('a stream that inflates to another length, or is damaged, is refused and leaves nothing behind', async () => {
  const unpacker = unpackerOf();
  const good = deflateRawSync(Buffer.from('abcdefgh'.repeat(1000)));
  const damaged = Buffer.from(good);
  damaged[10] = (damaged[10] ?? 0) ^ 0xff;
  for (const [bytes, length] of [
    [good, 7999],
    [good, 8001],
    [good.subarray(0, good.length - 4), 8000],
    [damaged, 8000],
  ] as const) {
    count += 1;
    const path = join(folder, `file${count}.bin`);
    writeFileSync(path, bytes);
    const stored: StoredBytes = {
      runs: [{ file: 0, offset: 0, nbytes: bytes.length }],
      compression: 'deflate',
      length,
      crc32: 0x12345678,
      start: 0,
      nbytes: 100,
    };
    const packed = stridedStorage(stored, { itemsize: 1, swap: 1, start: 0, strides: null });
    const refused = unpacker.unpack(await tensorOf(path, 100, packed));
    await expect(refused).rejects.toMatchObject({ code: 'CHECKPOINT_FORMAT' });
  }
});

test('an engine without an unpacker refuses packed tensors', async () => {
  const engine = createTensorEngine({ threads: 1 });
  await expect(engine.hash(await reversed(10))).rejects.toMatchObject({ code: 'INVALID_STATE' });
  await engine.close();
});

test('what a killed run left is removed by the next one, and nothing else is', async () => {
  const dist = fileURLToPath(new URL('../../../dist/core/checkpoint/unpack/', import.meta.url));
  const there = join(folder, 'shared-scratch');
  const foreign = join(there, `parascope-scratch-other.${hostname()}-1-1-abcdef`);
  mkdirSync(foreign, { recursive: true });
  const tensor = await reversed(1000);
  const script = `
    const { createUnpacker } = await import(${JSON.stringify(pathToFileURL(join(dist, 'scratch-unpacker.js')).href)});
    await createUnpacker({ root: ${JSON.stringify(there)} }).unpack(${JSON.stringify(tensor)});
    console.log('unpacked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  expect(readdirSync(there)).toHaveLength(2);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  const lease = await unpackerOf({ root: there }).unpack(tensor);
  const left = readdirSync(there);
  expect(left).toHaveLength(2);
  expect(left.some((name) => name.includes(`-${child.pid}-`))).toBe(false);
  expect(existsSync(foreign)).toBe(true);
  lease.release();
});
