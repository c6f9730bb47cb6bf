import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileSource, stampOf } from '../../../core/checkpoint/byte-source.ts';
import { createUnpacker } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import {
  type Arrangement,
  plainBytes,
  type StoredBytes,
  stridedStorage,
} from '../../../core/checkpoint/unpack/stored-bytes.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { PackedStorage, Unpacker } from '../../../core/ndarray/packed-storage.ts';
import { elementCount, type Shape } from '../../../core/ndarray/shape.ts';

const folder = mkdtempSync(join(tmpdir(), 'parascope-unpack-'));
let unpacker: Unpacker;
beforeAll(() => {
  unpacker = createUnpacker({ root: join(folder, 'scratch') });
});
afterAll(async () => {
  await unpacker.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Elements are bytes, words, … : the dtype only tells how long they are. */
const DTYPES = { 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64', 16: 'complex128' } as const;

async function unpacked(paths: readonly string[], shape: Shape, packed: PackedStorage, itemsize: 1 | 2 | 4 | 8 | 16) {
  const files = await Promise.all(paths.map(async (path) => ({ path, stamp: await stampOf(path) })));
  const nbytes = elementCount(shape) * itemsize;
  const [first] = files;
  if (!first) throw new TypeError('no file');
  const region = { ...first, offset: 0, nbytes };
  const tensor: LazyTensor = { dtype: DTYPES[itemsize], shape, region, packed: { ...packed, files }, steps: [] };
  const lease = await unpacker.unpack(tensor);
  try {
    const { path, offset } = lease.tensor.region;
    return Buffer.from(await (await FileSource.open(path)).read(offset, nbytes));
  } finally {
    lease.release();
  }
}

/** What the arrangement means, element by element. */
function reference(bytes: Buffer, shape: Shape, { itemsize, swap, start, strides }: Arrangement): Buffer {
  const out: Buffer[] = [];
  const visit = (axis: number, at: number): void => {
    if (axis === shape.length) {
      const element = Buffer.from(bytes.subarray(at, at + itemsize));
      for (let k = 0; k < itemsize; k += swap) element.subarray(k, k + swap).reverse();
      out.push(element);
      return;
    }
    for (let k = 0; k < (shape[axis] ?? 0); k++) visit(axis + 1, at + k * (strides?.[axis] ?? 0));
  };
  visit(0, start);
  return Buffer.concat(out);
}

const noise = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255));

let count = 0;
function fileOf(bytes: Buffer): string {
  count += 1;
  const path = join(folder, `f${count}.bin`);
  writeFileSync(path, bytes);
  return path;
}

const arrangements = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }),
    itemsize: fc.constantFrom(1, 2, 4, 8, 16) as fc.Arbitrary<1 | 2 | 4 | 8 | 16>,
    steps: fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 4, maxLength: 4 }),
    aligned: fc.boolean(),
    swap: fc.boolean(),
  })
  .map(({ shape, itemsize, steps, aligned, swap }) => {
    const strides = shape.map((_, axis) => (steps[axis] ?? 0) * (aligned ? itemsize : 1));
    const lowest = strides.reduce((sum, stride, axis) => sum + Math.min(0, stride * ((shape[axis] ?? 1) - 1)), 0);
    return { shape, itemsize, strides, start: Math.max(0, -lowest), swap: swap ? itemsize : 1 };
  });

describe('a strided value', () => {
  it('is unpacked element for element, whatever its strides, sizes and byte order', async () => {
    await fc.assert(
      fc.asyncProperty(arrangements, async ({ shape, ...arrangement }) => {
        const bytes = noise(16 + arrangement.start + 4 * 40 * 16 * 8);
        const stored = plainBytes({ file: 0, offset: 5, nbytes: bytes.length - 5 });
        const got = await unpacked([fileOf(bytes)], shape, stridedStorage(stored, arrangement), arrangement.itemsize);
        expect(got.equals(reference(bytes.subarray(5), shape, arrangement))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is unpacked in tiles where it is larger than one', async () => {
    const shape = [1500, 2, 1700] as const;
    const bytes = noise(elementCount(shape) * 4);
    const strides = [4, 1500 * 1700 * 4, 1500 * 4];
    const arrangement = { itemsize: 4, swap: 4, start: 0, strides };
    const storage = stridedStorage(plainBytes({ file: 0, offset: 0, nbytes: bytes.length }), arrangement);
    const got = await unpacked([fileOf(bytes)], shape, storage, 4);
    const expected = Buffer.alloc(bytes.length);
    for (let i = 0; i < 1500; i++) {
      for (let j = 0; j < 2; j++) {
        for (let k = 0; k < 1700; k++) {
          const from = i * 4 + j * 1500 * 1700 * 4 + k * 1500 * 4;
          expected.writeUInt32LE(bytes.readUInt32BE(from), ((i * 2 + j) * 1700 + k) * 4);
        }
      }
    }
    expect(got.equals(expected)).toBe(true);
  });

  it.each([
    ['deflate', deflateRawSync],
    ['zlib', deflateSync],
    ['gzip', gzipSync],
  ] as const)('is inflated from %s over several files', async (compression, pack) => {
    const bytes = noise(40_000);
    const packed = Buffer.from(pack(bytes));
    const half = packed.length >> 1;
    const paths = [fileOf(packed.subarray(0, half)), fileOf(packed.subarray(half))];
    const runs = [
      { file: 0, offset: 0, nbytes: half },
      { file: 1, offset: 0, nbytes: packed.length - half },
    ];
    const stored: StoredBytes = { runs, compression, length: 40_000, crc32: null, start: 100, nbytes: 20_000 };
    const transposed = { itemsize: 4, swap: 1, start: 0, strides: [4, 200] };
    for (const arrangement of [{ itemsize: 4, swap: 4, start: 0, strides: null }, transposed]) {
      const shape = [50, 100];
      const got = await unpacked(paths, shape, stridedStorage(stored, arrangement), 4);
      const strides = arrangement.strides ?? [400, 4];
      expect(got.equals(reference(bytes.subarray(100), shape, { ...arrangement, strides }))).toBe(true);
    }
  });

  it('is refused where it reaches beyond what is stored', async () => {
    const path = fileOf(noise(64));
    const stored = plainBytes({ file: 0, offset: 0, nbytes: 64 });
    const beyond = stridedStorage(stored, { itemsize: 4, swap: 1, start: 8, strides: [4] });
    await expect(unpacked([path], [15], beyond, 4)).rejects.toMatchObject({ code: 'CHECKPOINT_FORMAT' });
    const before = stridedStorage(stored, { itemsize: 4, swap: 1, start: 0, strides: [-4] });
    await expect(unpacked([path], [2], before, 4)).rejects.toMatchObject({ code: 'CHECKPOINT_FORMAT' });
    const outside = stridedStorage(plainBytes({ file: 0, offset: 60, nbytes: 64 }), {
      itemsize: 4,
      swap: 1,
      start: 0,
      strides: [8],
    });
    await expect(unpacked([path], [8], outside, 4)).rejects.toMatchObject({ code: 'CHECKPOINT_FORMAT' });
  });

  it('leaves what is zero as a hole', async () => {
    const zeros = Buffer.alloc(32 * 1024 * 1024);
    const packed = deflateRawSync(zeros);
    const stored: StoredBytes = {
      runs: [{ file: 0, offset: 0, nbytes: packed.length }],
      compression: 'deflate',
      length: zeros.length,
      crc32: null,
      start: 0,
      nbytes: zeros.length,
    };
    const path = fileOf(packed);
    const files = [{ path, stamp: await stampOf(path) }];
    const packing = stridedStorage(stored, { itemsize: 1, swap: 1, start: 0, strides: null });
    const region = { path, stamp: await stampOf(path), offset: 0, nbytes: zeros.length };
    const tensor: LazyTensor = {
      dtype: 'uint8',
      shape: [zeros.length],
      region,
      packed: { ...packing, files },
      steps: [],
    };
    const lease = await unpacker.unpack(tensor);
    const { size, blocks } = statSync(lease.tensor.region.path);
    expect(size).toBe(zeros.length);
    expect(blocks * 512).toBeLessThan(1024 * 1024);
    lease.release();
  });
});
