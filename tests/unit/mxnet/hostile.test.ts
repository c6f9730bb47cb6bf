import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { readArrayFile } from '../../../core/ndarray/array-file.ts';
import { mxnetFixtures, numpyFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { bytesOf } from './support.ts';

const folder = temporaryFolder();

function small(paths: readonly string[]): Buffer[] {
  return paths.map((path) => readFileSync(path)).filter(({ length }) => length < 10_000);
}

const lists = small(mxnetFixtures().map(({ path }) => path));
const arrays = small(numpyFixtures().map(({ path }) => path));

/** Cut, overwritten, with bytes put in or taken out: what disks and people do to files. */
const mutation = fc.record({
  kind: fc.constantFrom('cut', 'overwrite', 'insert', 'remove'),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      ...['ffffffff', 'ffffff7f', '00000080', 'c9fa93f9', 'cafa93f9', '0000000000000080'].map((text) =>
        Buffer.from(text, 'hex'),
      ),
    ),
  ),
});

function mutate(file: Buffer, { kind, at, bytes }: { kind: string; at: number; bytes: Uint8Array }): Buffer {
  const position = Math.floor(at * file.length);
  if (kind === 'cut') return file.subarray(0, position);
  const skip = kind === 'insert' ? 0 : bytes.length;
  const middle = kind === 'remove' ? [] : [bytes];
  return Buffer.concat([file.subarray(0, position), ...middle, file.subarray(position + skip)]);
}

/** Reads all of a file that has just been written; whatever fails must be an error of ours, with one message. */
async function readAll(path: string): Promise<void> {
  try {
    for (const array of (await readArrayFile(path)).arrays) {
      if (array.values.nbytes < 1e6) await bytesOf(array.values);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(ParascopeError);
  }
}

test('a damaged MXNet file is refused with its place, or makes sense', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...lists),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (file, changes) => {
        const damaged = changes.reduce(mutate, file);
        const path = folder.write('damaged.params', damaged);
        try {
          const checkpoint = await openCheckpoint(path);
          for (const entry of checkpoint.entries) {
            if (entry.nbytes < 1e6) expect((await checkpoint.read(entry)).length).toBe(entry.nbytes);
          }
        } catch (error) {
          if (!(error instanceof ParascopeError)) throw error;
          expect(error.message).toContain('damaged.params');
        }
        await readAll(path);
      },
    ),
    { numRuns: 400 },
  );
});

test('a damaged NumPy file is refused, or makes sense', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...arrays),
      fc.array(mutation, { minLength: 1, maxLength: 2 }),
      async (file, changes) => {
        await readAll(folder.write('damaged.npz', changes.reduce(mutate, file)));
      },
    ),
    { numRuns: 400 },
  );
});
