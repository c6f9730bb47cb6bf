import { readFileSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileSource } from '../../../core/checkpoint/byte-source.ts';
import { readHeader } from '../../../core/checkpoint/gguf/header.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { damaged, damages } from '../checkpoint/damage.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { ggufFile } from './make.ts';

const folder = temporaryFolder();
const files = containerFixtures(['gguf']).map(({ path }) => readFileSync(path));

const WORDS = ['ffffffffffffffff', 'ffffffffffff1f00', '0000000000000080', '09000000', '08000000', '00ffffff'];
const HEAD = 4096;

test('a damaged file is refused with its place, or makes sense', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), damages(WORDS), async (file, done) => {
      const bytes = damaged(file, done, HEAD);
      const path = folder.write('damaged.gguf', bytes);
      try {
        const checkpoint = await openCheckpoint(path);
        for (const entry of checkpoint.entries) expect(entry.offset + entry.nbytes).toBeLessThanOrEqual(bytes.length);
        for (const entry of checkpoint.entries) expect(await checkpoint.read(entry)).toHaveLength(entry.nbytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ParascopeError);
      }
    }),
    { numRuns: 500 },
  );
});

test('a long list of tokens is shown by its beginning, and costs no more than walking it', async () => {
  const tokens = Array.from({ length: 200_000 }, (_, i) => `token ${i}`);
  const file = ggufFile({
    fields: [
      ['tokens', 'strings', tokens],
      ['after', 'string', 'x'.repeat(2_000_000)],
    ],
  });
  const { metadata } = await openCheckpoint(folder.write('tokens.gguf', file));
  expect(metadata.tokens?.startsWith('["token 0","token 1",')).toBe(true);
  expect(metadata.tokens?.endsWith(',…] (200000 elements)')).toBe(true);
  expect(metadata.tokens?.length).toBeLessThan(70_000);
  expect(metadata.after).toBe(`${'x'.repeat(1024 * 1024)}…`);
});

test('arrays in arrays have an end', async () => {
  const head = ggufFile({ fields: [['a', 'strings', []]] });
  const at = head.indexOf('a') + 1;
  const level = Buffer.concat([Buffer.from([9, 0, 0, 0]), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])]);
  const deep = Buffer.concat([head.subarray(0, at + 4), ...Array.from({ length: 1000 }, () => level)]);
  await expect(openCheckpoint(folder.write('deep.gguf', deep))).rejects.toThrow(/more than 4 arrays in each other/);
});

test('a model of many gigabytes opens by its head, and its last tensor lies beyond 2^32', async () => {
  const far = 12 * 2 ** 30;
  const tensors = [
    { name: 'first', ne: [256, 2], type: 12, bytes: new Uint8Array(288) },
    { name: 'last', ne: [32], type: 8, bytes: new Uint8Array(34), offset: far },
  ];
  const path = folder.write('large.gguf', ggufFile({ tensors }));
  const { alignment, dataStart } = await readHead(path, far);
  truncateSync(path, dataStart + far + 34);
  const checkpoint = await openCheckpoint(path);
  expect(alignment).toBe(32);
  expect(checkpoint.find('last')).toMatchObject({ dtype: 'q8_0', offset: dataStart + far, nbytes: 34 });
  expect(await checkpoint.read(checkpoint.find('last')!)).toEqual(Buffer.alloc(34));
});

/** Where data begin, of a file that is still too short for them. */
async function readHead(path: string, far: number): Promise<{ alignment: number; dataStart: number }> {
  const source = await FileSource.open(path);
  const longer = {
    name: source.name,
    size: far * 2,
    read: (start: number, nbytes: number) => readUpTo(source, start, nbytes),
  };
  return await readHeader(longer);
}

async function readUpTo(source: FileSource, start: number, nbytes: number): Promise<Uint8Array> {
  return await source.read(start, Math.min(nbytes, source.size - start));
}
