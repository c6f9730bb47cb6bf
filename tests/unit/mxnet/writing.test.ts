import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { InvalidArgumentError, UnsupportedDTypeError } from '../../../core/errors.ts';
import { type StoredArray, streamOf, writeArrayFile } from '../../../core/ndarray/array-file.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { dense, float32Bytes, hex, int64Bytes, MXNET_DTYPES } from './support.ts';

const folder = temporaryFolder();

async function written(arrays: readonly StoredArray[], names: readonly string[] | null = null): Promise<Buffer> {
  const path = join(folder.path, 'out.params');
  await writeArrayFile(path, { names, arrays });
  return readFileSync(path);
}

/** A list file of one record without a name, by the documented layout. */
function listOf(record: string): Buffer {
  return Buffer.concat([
    hex('1201000000000000 0000000000000000 0100000000000000'),
    hex(record),
    hex('0000000000000000'),
  ]);
}

const ROW_SPARSE: StoredArray = {
  stype: 'row_sparse',
  dtype: 'float32',
  shape: [3, 2],
  rows: 2,
  indices: streamOf(int64Bytes(0, 2)),
  values: streamOf(float32Bytes(1, 2, 3, 4)),
};

const CSR: StoredArray = {
  stype: 'csr',
  dtype: 'float32',
  shape: [2, 3],
  nnz: 1,
  indptr: streamOf(int64Bytes(0, 0, 1)),
  indices: streamOf(int64Bytes(2)),
  values: streamOf(float32Bytes(5)),
};

describe('what is written is what MXNet reads, field by field', () => {
  test('a dense array', async () => {
    expect(await written([dense('float32', [2, 1], float32Bytes(1, 2))])).toEqual(
      listOf(`c9fa93f9 00000000 | 02000000 0200000000000000 0100000000000000 | 01000000 00000000 | 00000000
              0000803f 00000040`),
    );
  });

  test('a row_sparse array: the example of the layout', async () => {
    expect(await written([ROW_SPARSE])).toEqual(
      listOf(`c9fa93f9 01000000 | 02000000 0200000000000000 0200000000000000
              | 02000000 0300000000000000 0200000000000000 | 01000000 00000000 | 00000000
              | 06000000 01000000 0200000000000000 | 0000803f 00000040 00004040 00008040
              | 0000000000000000 0200000000000000`),
    );
  });

  test('a csr array: the example of the layout', async () => {
    expect(await written([CSR])).toEqual(
      listOf(`c9fa93f9 02000000 | 01000000 0100000000000000 | 02000000 0200000000000000 0300000000000000
              | 01000000 00000000 | 00000000 | 06000000 01000000 0300000000000000
              06000000 01000000 0100000000000000 | 0000a040
              | 0000000000000000 0000000000000000 0100000000000000 | 0200000000000000`),
    );
  });

  test('a scalar takes the version of NumPy semantics, and all arrays of its file with it', async () => {
    const file = await written([dense('float32', [], float32Bytes(1)), dense('uint8', [1], Uint8Array.of(7))]);
    expect(file.subarray(24, -8)).toEqual(
      hex(`cafa93f9 00000000 | 00000000 | 01000000 00000000 | 00000000 | 0000803f
           cafa93f9 00000000 | 01000000 0100000000000000 | 01000000 00000000 | 03000000 | 07`),
    );
  });

  test('an array without elements keeps its shape, its device and its type', async () => {
    expect(await written([dense('float16', [2, 0, 1], new Uint8Array())])).toEqual(
      listOf(`c9fa93f9 00000000 | 03000000 0200000000000000 0000000000000000 0100000000000000
              | 01000000 00000000 | 02000000`),
    );
  });

  test('names follow the records, in the order of both, prefixes and all', async () => {
    const one = (value: number): StoredArray => dense('uint8', [1], Uint8Array.of(value));
    const file = await written([one(1), one(2)], ['arg:b', 'aux:ä']);
    expect(file.readBigUInt64LE(16)).toBe(2n);
    const records = 2 * (24 + 8 + 1);
    expect(file.subarray(24 + records)).toEqual(
      hex('0200000000000000 | 0500000000000000 6172673a62 | 0600000000000000 6175783ac3a4'),
    );
  });

  test('no arrays', async () => {
    expect(await written([], [])).toEqual(hex('1201000000000000 0000000000000000 0000000000000000 0000000000000000'));
  });

  test.each(MXNET_DTYPES.map((dtype, flag) => ({ dtype, flag })))(
    'the flag of $dtype is $flag',
    async ({ dtype, flag }) => {
      const file = await written([dense(dtype, [0], new Uint8Array())]);
      expect(file.readInt32LE(24 + 8 + 12 + 8)).toBe(flag);
    },
  );
});

describe('what a list file cannot hold is refused before anything is written', () => {
  const LACKING: readonly DType[] = ['float8_e4m3fn', 'float8_e5m2', 'complex64', 'complex128', 'float4_e2m1fn'];

  test.each(LACKING)('%s', async (dtype) => {
    const path = folder.write('kept.params', 'what was there');
    const writing = writeArrayFile(path, { names: ['w'], arrays: [dense(dtype, [0], new Uint8Array())] });
    await expect(writing).rejects.toThrow(UnsupportedDTypeError);
    await expect(writing).rejects.toThrow(`MXNet parameter files cannot store ${dtype} ("w")`);
    expect(readFileSync(path, 'utf8')).toBe('what was there');
  });

  test('a scalar beside a sparse array', async () => {
    const writing = written([dense('float32', [], float32Bytes(1)), CSR], ['s', 'm']);
    await expect(writing).rejects.toThrow(InvalidArgumentError);
    await expect(writing).rejects.toThrow(/both a scalar \("s"\) and a csr array \("m"\)/);
  });

  test('two arrays of one name, and as many names as there are no arrays', async () => {
    const array = dense('uint8', [1], Uint8Array.of(1));
    await expect(written([array, array], ['w', 'w'])).rejects.toThrow(/Two arrays would be called "w"/);
    await expect(written([array], ['v', 'w'])).rejects.toThrow(/1 arrays were given 2 names/);
  });

  test('a stream that does not give what it announced leaves the file as it was', async () => {
    const path = folder.write('kept.params', 'what was there');
    const values = { nbytes: 8, chunks: () => streamOf(float32Bytes(1)).chunks() };
    const array: StoredArray = { stype: 'default', dtype: 'float32', shape: [2], values };
    await expect(writeArrayFile(path, { names: null, arrays: [array] })).rejects.toThrow(/An array of 8 bytes gave 4/);
    expect(readFileSync(path, 'utf8')).toBe('what was there');
  });
});

test('a file that was written is of the format that its name says', async () => {
  const arrays = [dense('float32', [2], float32Bytes(1, 2))];
  for (const [name, format] of [
    ['a.params', 'mxnet'],
    ['a.nd', 'mxnet'],
    ['a.safetensors', 'safetensors'],
  ] as const) {
    const path = join(folder.path, name);
    await writeArrayFile(path, { names: ['w'], arrays });
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.format).toBe(format);
    await checkpoint.close();
  }
});
