import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { sliceKey } from '../../../core/checkpoint/tensorflow/slice-key.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { openWorkspace } from '../workspace/support.ts';
import { damage, damaged } from './damage.ts';
import { valueAt } from './describe.ts';
import { message, number, shape, table } from './tables.ts';

const folder = temporaryFolder();
const index = containerFixtures(['tensorflow'])[0]?.path ?? '';
const prefix = index.replace(/\.index$/, '');
const FLOAT = 1;

const header = (shards = 1, endianness = 0): readonly [string, Buffer] => [
  '',
  Buffer.concat([number(1, shards), number(2, endianness)]),
];
const entry = (offset: number, nbytes: number, ...sizes: number[]): Buffer =>
  Buffer.concat([number(1, FLOAT), shape(...sizes), number(4, offset), number(5, nbytes)]);

/** A checkpoint of these entries, with so many bytes of data: 0, 1, 2, … as floats. */
function checkpoint(name: string, entries: readonly (readonly [Buffer | string, Buffer])[], floats: number): string {
  const values = Buffer.from(Float32Array.from({ length: floats }, (_, i) => i).buffer);
  folder.write(`${name}.data-00000-of-00001`, values);
  return folder.write(`${name}.index`, table(entries));
}

describe('a checkpoint is opened', () => {
  test.each([
    ['its index', index],
    ['a data file', `${prefix}.data-00000-of-00001`],
    ['its prefix', prefix],
  ])('by %s', async (_, path) => {
    const { entries, path: opened, values } = await openCheckpoint(path);
    expect(entries.map(({ name }) => name)).toEqual(
      ['h', 'nest/0', 'step', 'w'].map((name) => `${name}/.ATTRIBUTES/VARIABLE_VALUE`),
    );
    expect(opened).toBe(index);
    expect(valueAt(values, ['_CHECKPOINTABLE_OBJECT_GRAPH'])?.type).toBe('TrackableObjectGraph');
  });
});

test('a document opens by the prefix, and is that of the index', async () => {
  const document = await openWorkspace(folder.path).open(prefix);
  expect(document.summary()).toMatchObject({ format: 'tf-checkpoint', savable: false });
});

test('a partitioned variable is put together from its slices', async () => {
  const extents = [
    [
      { start: 0, length: 2 },
      { start: 0, length: null },
    ],
    [
      { start: 2, length: 1 },
      { start: 0, length: null },
    ],
  ];
  const slices = extents.map((axes) =>
    message(
      7,
      ...axes.map(({ start, length }) => message(1, ...(length === null ? [] : [number(1, start), number(2, length)]))),
    ),
  );
  const name = Buffer.from('w');
  const path = checkpoint(
    'sliced',
    [
      header(),
      ['w', Buffer.concat([number(1, FLOAT), shape(3, 2), ...slices])],
      [sliceKey(name, extents[0] ?? []), entry(8, 16, 2, 2)],
      [sliceKey(name, extents[1] ?? []), entry(0, 8, 1, 2)],
    ],
    6,
  );
  const opened = await openCheckpoint(path);
  const [tensor] = opened.entries;
  expect(tensor).toMatchObject({ name: 'w', shape: [3, 2], nbytes: 24 });
  const bytes = Buffer.from((await (tensor && opened.read(tensor))) ?? []);
  expect(Array.from({ length: 6 }, (_, i) => bytes.readFloatLE(4 * i))).toEqual([2, 3, 4, 5, 0, 1]);
});

test('the keys of slices are in ordered code', () => {
  const key = (start: number, length: number | null): string =>
    sliceKey(Buffer.from('a\0'), [{ start, length }]).toString('hex');
  expect(key(0, null)).toBe('006100ff00010101807f');
  expect(key(63, 64)).toBe('006100ff00010101bfc040');
  expect(key(8192, 5)).toBe('006100ff00010101e0200085');
});

test('values of the other byte order are turned round', async () => {
  const path = checkpoint('big', [header(1, 1), ['w', entry(0, 8, 2)]], 2);
  const opened = await openCheckpoint(path);
  const [tensor] = opened.entries;
  const bytes = Buffer.from((await (tensor && opened.read(tensor))) ?? []);
  expect(bytes.readFloatBE(4)).toBe(1);
});

test.each([
  [
    'values beyond the data file',
    [header(), ['w', entry(4, 12, 3)]],
    /bytes 4 to 16 of x\.data-00000-of-00001, which has 12/,
  ],
  ['a size that is not the shape’s', [header(), ['w', entry(0, 8, 3)]], /takes 12 bytes; the index says 8/],
  [
    'a data file that is not there',
    [header(2), ['w', Buffer.concat([entry(0, 12, 3), number(3, 1)])]],
    /"x\.data-00001-of-00002" is missing/,
  ],
  [
    'a data file beyond the count',
    [header(), ['w', Buffer.concat([entry(0, 12, 3), number(3, 7)])]],
    /data file 7 of 1/,
  ],
  ['no header', [['w', entry(0, 12, 3)]], /no header/],
  [
    'a slice that is not there',
    [header(), ['w', Buffer.concat([entry(0, 0, 3), message(7, message(1))])]],
    /a slice of tensor "w" is not/,
  ],
] as const)('%s is refused', async (_, entries, text) => {
  expect((await refusal(checkpoint('x', entries, 3))).message).toMatch(text);
});

test('a compressed block, a damaged one and a lone data file are told', async () => {
  const file = table([header()]);
  expect((await refusal(folder.write('c.index', table([header()], 1)))).message).toMatch(/compressed \(kind 1\)/);
  file[2] = (file[2] ?? 0) ^ 1;
  expect((await refusal(folder.write('d.index', file))).message).toMatch(/checksum is wrong/);
  expect((await refusal(folder.write('lone.data-00000-of-00001', Buffer.alloc(8)))).message).toMatch(
    /their index lone\.index is missing/,
  );
});

test('damaged indexes open or are refused', async () => {
  const data = readFileSync(`${prefix}.data-00000-of-00001`);
  folder.write('fuzz.data-00000-of-00001', data);
  const file = readFileSync(index);
  await fc.assert(
    fc.asyncProperty(damage, async (changes) => {
      const found = await openCheckpoint(folder.write('fuzz.index', damaged(file, changes))).catch((e: unknown) => e);
      expect(found instanceof Error && !(found instanceof ParascopeError)).toBe(false);
    }),
    { numRuns: 200 },
  );
});
