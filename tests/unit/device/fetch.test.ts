import { appendFile, mkdtemp, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cpu, gpu } from '../../../core/device/device.ts';
import { FETCH_PIECE_BYTES } from '../../../core/device/protocol.ts';
import { startCpuThread } from '../../../core/device/thread-link.ts';
import type { WorkerLink } from '../../../core/device/worker-link.ts';
import {
  CancelledError,
  FileChangedError,
  InvalidArgumentError,
  InvalidStateError,
  ShapeMismatchError,
  UnsupportedDTypeError,
} from '../../../core/errors.ts';
import type { FileRegion } from '../../../core/ndarray/lazy-tensor.ts';
import type { LazySource } from '../../../core/parameter/lazy-source.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { doubleRuntime } from './gpu-double.ts';
import { bytesOf } from './runtimes.ts';

/** More than two pieces. */
const COUNT = (2 * FETCH_PIECE_BYTES) / 4 + 50;
const VALUES = Float32Array.from({ length: COUNT }, (_, i) => i / 7);
/** No multiple of an element's size. */
const OFFSET = 13;
const PLACES = [cpu(0), gpu(1)];
const { runtime } = doubleRuntime();

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-fetch-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function regionOf(values: ArrayBufferView): Promise<FileRegion> {
  const path = join(folder, `${++files}.bin`);
  await writeFile(path, Buffer.concat([Buffer.alloc(OFFSET, 255), bytesOf(values), Buffer.alloc(5, 255)]));
  const { size, mtimeMs, ino } = await stat(path);
  return { path, offset: OFFSET, nbytes: values.byteLength, stamp: { size, mtimeMs, ino } };
}

const zeros = (device = cpu(), shape = [COUNT]) => runtime.zeros({ shape, dtype: 'float32', device });

test.each(PLACES)('%s reads a region of a file by itself, in the order of the ops', async (device) => {
  const region = await regionOf(VALUES);
  const array = zeros(device);
  const told: number[] = [];
  const fetched = runtime.fetch(array, { dtype: 'float32', region }, { onProgress: (bytes) => told.push(bytes) });
  const copy = runtime.cast(array, 'float32', device);
  await fetched;
  expect(told).toEqual([FETCH_PIECE_BYTES, 2 * FETCH_PIECE_BYTES, region.nbytes]);
  expect(Buffer.from(await copy.bytes()).equals(Buffer.from(VALUES.buffer))).toBe(true);
});

test.each(PLACES)('%s casts what the file has, also what it could not hold itself', async (device) => {
  const region = await regionOf(Float64Array.of(0.1, -2, 1e300));
  const array = zeros(device, [3]);
  await runtime.fetch(array, { dtype: 'float64', region });
  expect(await array.data()).toEqual(Float32Array.of(0.1, -2, Number.POSITIVE_INFINITY));
});

test.each(PLACES)('a file that changed or went spoils the array on %s and no other', async (device) => {
  const ways = [(path: string) => appendFile(path, 'x'), unlink];
  for (const change of ways) {
    const region = await regionOf(VALUES);
    await change(region.path);
    const [spoiled, sound] = [zeros(device), zeros(device, [2])];
    await expect(runtime.fetch(spoiled, { dtype: 'float32', region })).rejects.toThrow(FileChangedError);
    await expect(spoiled.data()).rejects.toThrow(`${files}.bin is no longer the file that was opened`);
    expect(await sound.data()).toEqual(new Float32Array(2));
  }
});

test('a file that was written to is another one, whatever its size', async () => {
  const region = await regionOf(VALUES);
  const stamp = { ...region.stamp, mtimeMs: region.stamp.mtimeMs - 1 };
  const fetched = runtime.fetch(zeros(), { dtype: 'float32', region: { ...region, stamp } });
  await expect(fetched).rejects.toThrow('written to');
});

test.each(PLACES)(
  'a fetch to %s that is given up ends with its reason, and what comes after it runs',
  async (device) => {
    const region = await regionOf(VALUES);
    const stop = new AbortController();
    const array = zeros(device);
    const stopped = runtime.fetch(array, { dtype: 'float32', region }, { signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toThrow(CancelledError);
    const early = runtime.fetch(zeros(device), { dtype: 'float32', region }, { signal: AbortSignal.abort() });
    await expect(early).rejects.toThrow(CancelledError);
    expect(await zeros(device, [1]).data()).toEqual(new Float32Array(1));
    await expect(runtime.waitAll()).resolves.toBeUndefined();
  },
);

test('what does not fit is refused before it is enqueued', async () => {
  const region = await regionOf(Float32Array.of(1, 2));
  const array = zeros(cpu(), [2]);
  const fetch = (change: Partial<FileRegion>, into = array) =>
    runtime.fetch(into, { dtype: 'float32', region: { ...region, ...change } });
  await expect(fetch({ nbytes: 4 })).rejects.toThrow(ShapeMismatchError);
  await expect(runtime.fetch(array, { dtype: 'int4', region })).rejects.toThrow(UnsupportedDTypeError);
  const gone = zeros(cpu(), [2]);
  gone.dispose();
  await expect(fetch({}, gone)).rejects.toThrow(InvalidArgumentError);
  expect(await array.data()).toEqual(new Float32Array(2));
});

test.each([12, -1, 0.5])('a region at byte %d is none of the file', async (offset) => {
  const region = { ...(await regionOf(Float32Array.of(1, 2))), offset: offset === 12 ? 19 : offset };
  await expect(runtime.fetch(zeros(cpu(), [2]), { dtype: 'float32', region })).rejects.toThrow(InvalidArgumentError);
});

/** Counts the bytes of content that are posted. */
function counting(link: WorkerLink, count: (bytes: number) => void): WorkerLink {
  const post = link.post.bind(link);
  link.post = (message, transfer) => {
    if (message.type === 'op' && message.op.kind === 'upload') count(message.op.bytes.byteLength);
    if (message.type === 'piece' && 'bytes' in message.piece) count(message.piece.bytes.byteLength);
    post(message, transfer);
  };
  return link;
}

function sourceOf(region: FileRegion | null): LazySource {
  return {
    dtype: 'float32',
    shape: [COUNT],
    nbytes: 4 * COUNT,
    describe: () => 'a source of these tests',
    region: () => region,
    async *chunks() {
      yield { elementOffset: 0, bytes: bytesOf(VALUES.slice()) };
    },
  };
}

test('a Parameter whose source offers a region is loaded past the main side, on devices of any worker', async () => {
  let posted = 0;
  const startCpu = () => counting(startCpuThread(), (bytes) => (posted += bytes));
  const { runtime: counted } = doubleRuntime({ startCpu });
  const load = async (region: FileRegion | null) => {
    const p = Parameter.fromSource('p', sourceOf(region), { runtime: counted });
    p.resetDevice([gpu(0), cpu(0), gpu(1), cpu(1)]);
    const told: number[] = [];
    await p.finishDeferredInit({ onProgress: (bytes) => told.push(bytes) });
    expect(told.at(-1)).toBe(4 * COUNT);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    for (const copy of p.listData())
      expect(Buffer.from(await copy.bytes()).equals(Buffer.from(VALUES.buffer))).toBe(true);
  };
  await load(await regionOf(VALUES));
  expect(posted).toBe(0);
  await load(null);
  expect(posted).toBeGreaterThan(0);
});

test('a load that fails or is cancelled leaves nothing behind', async () => {
  const region = await regionOf(VALUES);
  const p = Parameter.fromSource('p', sourceOf(region), { runtime });
  p.resetDevice([gpu(0), cpu(0)]);
  const stop = new AbortController();
  const cancelled = p.finishDeferredInit({ signal: stop.signal, onProgress: () => stop.abort() });
  await expect(cancelled).rejects.toThrow(CancelledError);
  const told = () => {
    throw new InvalidStateError('Whoever was told failed.');
  };
  await expect(p.finishDeferredInit({ onProgress: told })).rejects.toThrow('Whoever was told');
  await unlink(region.path);
  await expect(p.finishDeferredInit()).rejects.toThrow(FileChangedError);
  expect(p.status).toBe('deferred');
});
