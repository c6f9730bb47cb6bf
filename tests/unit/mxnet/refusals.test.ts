import { describe, expect, test } from 'vitest';
import { CheckpointFormatError } from '../../../core/errors.ts';
import { readArrayFile } from '../../../core/ndarray/array-file.ts';
import { malformedMXNetFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { csrRecord, denseRecord, field, listFile, rowSparseRecord, V2, V3 } from './support.ts';

const folder = temporaryFolder();

const FIXTURES: Readonly<Record<string, { message: RegExp; offset: number }>> = {
  'count_lies.params': { message: /1099511627776 arrays are said to follow, but only 121 bytes do/, offset: 16 },
  'empty.params': { message: /is empty \(0 bytes\)/, offset: 0 },
  'huge_ndim.params': { message: /up to 32 dimensions; there is 0x7fffffff/, offset: 24 },
  'names_lie.params': { message: /there are 1 arrays, but 7 names/, offset: 128 },
  'truncated.params': { message: /cut short: the number of names should take 8 bytes, but only 7/, offset: 128 },
  'unknown_type.params': { message: /type flag 99 is unknown/, offset: 52 },
  'wrong_magic.params': { message: /begins with 0x112, not with 0x113/, offset: 0 },
};

describe('broken files', () => {
  test('all fixtures are listed here', () => {
    const names = malformedMXNetFixtures().map(({ id }) => id.slice('mxnet-malformed/'.length));
    expect(names.sort()).toEqual(Object.keys(FIXTURES).sort());
  });

  test.each(malformedMXNetFixtures())('$id', async ({ id, path }) => {
    const expected = FIXTURES[id.slice('mxnet-malformed/'.length)];
    const error = await refusal(path);
    expect(error).toBeInstanceOf(CheckpointFormatError);
    expect(error.message).toMatch(expected?.message ?? /listed/);
    expect(error.details.offset).toBe(expected?.offset);
  });
});

const START = 24;

/** What is broken, the file, what is said of it, and the byte to blame. */
const MADE: readonly [what: string, records: Buffer | Buffer[], message: RegExp, offset: number][] = [
  ['an undefined storage type', denseRecord({ stype: -1 }), /storage type -1 is unknown/, START + 4],
  ['a storage type of the future', denseRecord({ stype: 3 }), /storage type 3 is unknown/, START + 4],
  ['a shape of many dimensions', denseRecord({ shape: field.i32(33) }), /the shape has 33 dimensions/, START + 8],
  ['a shape of fewer than no dimensions', denseRecord({ shape: field.i32(-2) }), /has -2 dimensions/, START + 8],
  ['a negative size', denseRecord({ shape: field.shape(2, -3) }), /the shape holds -3, which is negative/, START],
  ['a size beyond 2^53', denseRecord({ shape: field.shape(2n ** 60n) }), /beyond every real size/, START + 12],
  [
    'sizes whose product overflows',
    denseRecord({ shape: field.shape(2n ** 40n, 2n ** 40n) }),
    /\(1099511627776, 1099511627776\) cannot be real/,
    START + 40,
  ],
  ['more values than the file has', denseRecord({ shape: field.shape(5) }), /should take 20 bytes/, START + 32],
  [
    'a device of no kind',
    denseRecord({ context: Buffer.concat([field.i32(4), field.i32(0)]) }),
    /device type 4 is unknown/,
    START + 20,
  ],
  ['a negative type flag', denseRecord({ flag: -1 }), /type flag -1 is unknown/, START + 28],
  ['more stored rows than rows', rowSparseRecord({ rows: [0, 1, 2, 3, 3] }), /5 of 4 rows are stored/, START + 60],
  ['fewer indices than stored rows', rowSparseRecord({ count: 1 }), /there are 1 row indices/, START + 60],
  ['a row beyond the last', rowSparseRecord({ rows: [1, 4] }), /row index 4 is outside of 0 to 3/, START + 100],
  ['a negative row', rowSparseRecord({ rows: [-1, 2] }), /row index -1 is outside of 0 to 3/, START + 92],
  [
    'rows that do not ascend',
    rowSparseRecord({ rows: [2, 1] }),
    /row index 1 follows 2; they must ascend/,
    START + 100,
  ],
  ['a row twice', rowSparseRecord({ rows: [2, 2] }), /row index 2 follows 2/, START + 100],
  ['indptr of a wrong length', csrRecord({ indptr: [0, 3] }), /indptr has 2 elements, not 4/, START + 52],
  ['indptr that begins late', csrRecord({ indptr: [1, 2, 2, 3] }), /indptr begins with 1, not with 0/, START + 96],
  ['indptr that ends early', csrRecord({ indptr: [0, 1, 2, 2] }), /indptr ends with 2, not with 3/, START + 120],
  ['indptr that falls', csrRecord({ indptr: [0, 3, 2, 3] }), /indptr falls from 3 to 2/, START + 112],
  ['a column beyond the last', csrRecord({ columns: [1, 4, 0] }), /column index 4 is outside of 0 to 3/, START + 136],
  ['columns that do not ascend', csrRecord({ columns: [3, 1, 0] }), /column index 1 follows 3 in one row/, START + 136],
  ['more stored elements than elements', csrRecord({ columns: Array(13).fill(0) }), /more than all 12/, START + 52],
];

test.each(MADE)('%s is refused with its place', async (_what, record, message, offset) => {
  const path = folder.write('made.params', listFile([record].flat()));
  const error = await refusal(path);
  expect(error).toBeInstanceOf(CheckpointFormatError);
  expect(error.message).toMatch(message);
  expect(error.details.offset).toBe(offset);
});

test('indices that are no integers of 32 or 64 bits are refused', async () => {
  const record = rowSparseRecord();
  record.writeInt32LE(2, 60);
  const error = await refusal(folder.write('made.params', listFile([record])));
  expect(error.message).toMatch(/row indices are of type flag 2; int64 \(6\) and int32 \(4\) can index/);
});

test('names must be text of a possible length', async () => {
  const invalid = listFile([denseRecord()], field.names(Uint8Array.of(0xff, 0x41)));
  expect((await refusal(folder.write('made.params', invalid))).message).toMatch(/a name is not valid UTF-8/);
  const long = listFile([denseRecord()], Buffer.concat([field.u64(1), field.u64(2n ** 40n)]));
  expect((await refusal(folder.write('made.params', long))).message).toMatch(/a name of 1099511627776 bytes/);
});

test('more arrays than any model has are refused, though the file has room for them', async () => {
  const file = listFile([Buffer.alloc(8_000_004)], field.u64(0));
  file.writeBigUInt64LE(2_000_001n, 16);
  const error = await refusal(folder.write('made.params', file));
  expect(error.message).toMatch(/2000001 arrays are announced; 2000000 are read/);
  expect(error.details.offset).toBe(16);
});

test('a sparse array of a matrix beyond 2^53 elements is refused without asking for memory', async () => {
  const record = Buffer.concat([field.u32(V2), field.i32(1), field.shape(0, 2 ** 40), field.shape(2 ** 40, 2 ** 40)]);
  const rest = Buffer.concat([field.i32(1), field.i32(0), field.i32(0), field.i32(6), field.shape(0)]);
  const error = await refusal(folder.write('made.params', listFile([Buffer.concat([record, rest])])));
  expect(error.message).toMatch(/cannot be real/);
});

test('a list with an array without a shape is not read as arrays, a dict is, without it', async () => {
  const none = Buffer.concat([field.u32(V3), field.i32(0), field.i32(-1)]);
  const list = folder.write('list.nd', listFile([denseRecord(), none]));
  await expect(readArrayFile(list)).rejects.toThrow(/array 1 of the list is none/);
  const named = folder.write('named.nd', listFile([denseRecord(), none], field.names('w', 'nothing')));
  expect((await readArrayFile(named)).names).toEqual(['w']);
});
