import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { ggufFile } from './make.ts';

const folder = temporaryFolder();
const files = containerFixtures(['gguf']).map(({ path }) => readFileSync(path));

/** What disks, networks and malice do to a file, most of it in its head. */
const mutation = fc.record({
  kind: fc.constantFrom('cut', 'overwrite', 'insert', 'remove'),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      ...['ffffffffffffffff', 'ffffffffffff1f00', '0000000000000080', '09000000', '08000000', '00ffffff'].map((text) =>
        Buffer.from(text, 'hex'),
      ),
    ),
  ),
});

function mutate(file: Buffer, { kind, at, bytes }: { kind: string; at: number; bytes: Uint8Array }): Buffer {
  const position = Math.floor(at * Math.min(file.length, 4096));
  if (kind === 'cut') return file.subarray(0, Math.floor(at * file.length));
  const skip = kind === 'insert' ? 0 : bytes.length;
  const middle = kind === 'remove' ? [] : [bytes];
  return Buffer.concat([file.subarray(0, position), ...middle, file.subarray(position + skip)]);
}

test('a damaged file is refused with its place, or makes sense', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (file, changes) => {
        const damaged = changes.reduce(mutate, file);
        const path = folder.write('damaged.gguf', damaged);
        try {
          const checkpoint = await openCheckpoint(path);
          for (const entry of checkpoint.entries)
            expect(entry.offset + entry.nbytes).toBeLessThanOrEqual(damaged.length);
          for (const entry of checkpoint.entries) expect(await checkpoint.read(entry)).toHaveLength(entry.nbytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ParascopeError);
        }
      },
    ),
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
