import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import '../../../core/checkpoint/array-files.ts';
import { CheckpointFormatError, UnsafeCheckpointError } from '../../../core/errors.ts';
import { readArrayFile } from '../../../core/ndarray/array-file.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { bytesOf, contentOf, float32Bytes, int64Bytes } from './support.ts';

const folder = temporaryFolder();

interface Member {
  readonly name: string;
  readonly data: Buffer;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly announced?: number;
}

/** A zip archive by PKWARE's description, whether its parts fit each other or not. */
function zip(members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 0, flags = 0, crc = crc32(data), announced = data.length } of members) {
    const packed = method === 8 ? deflateRawSync(data) : data;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(announced, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

function npy(descr: string, shape: string, values: Buffer): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(`${dict}\n`), values]);
}

const array = npy('<f4', '(2,)', float32Bytes(1, 2));

async function readAll(members: readonly Member[]): Promise<Record<string, object>> {
  const { names, arrays } = await readArrayFile(folder.write('made.npz', zip(members)));
  const entries: [string, object][] = [];
  for (const [i, stored] of arrays.entries()) entries.push([names?.[i] ?? '', await contentOf(stored)]);
  return Object.fromEntries(entries);
}

describe('members', () => {
  test('stored and deflated ones are read, others in the archive left alone', async () => {
    const members = [
      { name: 'a.npy', data: array },
      { name: 'b.npy', data: array, method: 8 },
      { name: 'readme.txt', data: Buffer.from('text') },
    ];
    const found = await readAll(members);
    const content = { stype: 'default', dtype: 'float32', shape: [2], values: float32Bytes(1, 2).toString('hex') };
    expect(found).toEqual({ a: content, b: content });
  });

  test('an archive without members holds nothing', async () => {
    expect(await readAll([])).toEqual({});
  });

  const BROKEN: readonly [what: string, member: Partial<Member>, message: RegExp][] = [
    [
      'unpacks to more than was announced',
      { method: 8, announced: array.length - 1 },
      /unpacks to more than the 135 bytes/,
    ],
    [
      'hides more than was announced',
      { data: Buffer.concat([array, Buffer.alloc(100)]), method: 8, announced: array.length },
      /unpacks to more than the 136 bytes/,
    ],
    [
      'unpacks to less than was announced',
      { announced: array.length + 1, method: 8 },
      /unpacks to 136 bytes, not to 137/,
    ],
    ['is damaged', { crc: 1 }, /its checksum is wrong/],
    ['is packed in an unknown way', { method: 12 }, /packed by method 12; stored and deflate are read/],
  ];

  test.each(BROKEN)('one that %s is refused', async (_what, member, message) => {
    const reading = readAll([{ name: 'w.npy', data: array, ...member }]);
    await expect(reading).rejects.toBeInstanceOf(CheckpointFormatError);
    await expect(reading).rejects.toThrow(message);
  });

  test('an encrypted one is refused', async () => {
    await expect(readAll([{ name: 'w.npy', data: array, flags: 1 }])).rejects.toBeInstanceOf(UnsafeCheckpointError);
  });

  test('an archive without its directory is refused', async () => {
    const cut = zip([{ name: 'w.npy', data: array }]).subarray(0, -30);
    await expect(readArrayFile(folder.write('cut.npz', cut))).rejects.toThrow(/no directory: it is cut short/);
  });
});

describe('sparse arrays', () => {
  const csr: Member[] = [
    { name: 'data.npy', data: npy('<f4', '(1,)', float32Bytes(5)) },
    { name: 'indices.npy', data: npy('<i4', '(1,)', Buffer.of(2, 0, 0, 0)) },
    { name: 'indptr.npy', data: npy('<i4', '(3,)', Buffer.from(Int32Array.of(0, 0, 1).buffer)) },
    { name: 'shape.npy', data: npy('<i8', '(2,)', int64Bytes(2, 3)) },
    { name: 'format.npy', data: npy('|S3', '()', Buffer.from('csr')) },
  ];

  function within(name: string, members: readonly Member[]): Member[] {
    return members.map((member) => ({ ...member, name: `${name}/${member.name}` }));
  }

  test('a folder with the parts of one is one, with indices of 32 bits too', async () => {
    const found = await readAll(
      [...within('m', csr), { name: 'm/more.npy', data: array }].filter(({ name }) => name !== 'm/more.npy'),
    );
    expect(found.m).toEqual({
      stype: 'csr',
      dtype: 'float32',
      shape: [2, 3],
      nnz: 1,
      indptr: int64Bytes(0, 0, 1).toString('hex'),
      indices: int64Bytes(2).toString('hex'),
      values: float32Bytes(5).toString('hex'),
    });
  });

  test('without a folder, as SciPy writes it, it has no name', async () => {
    expect(Object.keys(await readAll(csr))).toEqual(['']);
  });

  test('the malformed header that MXNet gives the format is passed over', async () => {
    const format = Buffer.from(npy('|S3', '()', Buffer.from('csr')));
    format.write("{{'descr': ", 10);
    const members = csr.map((member) => (member.name === 'format.npy' ? { ...member, data: format } : member));
    expect((await readAll(within('m', members))).m).toMatchObject({ stype: 'csr' });
  });

  test('a folder with more than the parts holds dense arrays', async () => {
    const numbers = [...csr.slice(0, 4), { name: 'other.npy', data: array }];
    expect(Object.keys(await readAll(within('m', numbers))).sort()).toEqual([
      'm/data',
      'm/indices',
      'm/indptr',
      'm/other',
      'm/shape',
    ]);
  });

  test('other kinds of sparse matrices, and parts that do not fit, are refused', async () => {
    const replace = (name: string, data: Buffer): Member[] =>
      within(
        'm',
        csr.map((member) => (member.name === name ? { name, data } : member)),
      );
    const csc = replace('format.npy', npy('|S3', '()', Buffer.from('csc')));
    await expect(readAll(csc)).rejects.toThrow(/format "csc" are not read/);
    const taller = replace('shape.npy', npy('<i8', '(2,)', int64Bytes(5, 3)));
    await expect(readAll(taller)).rejects.toThrow(/parts of "m", csr of shape \(5, 3\), do not fit each other/);
  });
});

test('values are read only when they are asked for', async () => {
  const data = npy('|u1', '(1000000,)', Buffer.alloc(1_000_000));
  const path = folder.write('lazy.npz', zip([{ name: 'w.npy', data, crc: 1 }]));
  const { arrays } = await readArrayFile(path);
  expect(arrays).toHaveLength(1);
  await expect(bytesOf(arrays[0]?.values ?? { nbytes: 0, chunks: async function* () {} })).rejects.toThrow(/checksum/);
});
