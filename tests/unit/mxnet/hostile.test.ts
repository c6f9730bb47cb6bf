import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { readArrayFile } from '../../../core/ndarray/array-file.ts';
import { mxnetFixtures, numpyFixtures } from '../../fixtures/catalog.ts';
import { damaged, damages } from '../checkpoint/damage.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { bytesOf } from './support.ts';

const folder = temporaryFolder();

function small(paths: readonly string[]): Buffer[] {
  return paths.map((path) => readFileSync(path)).filter(({ length }) => length < 10_000);
}

const lists = small(mxnetFixtures().map(({ path }) => path));
const arrays = small(numpyFixtures().map(({ path }) => path));

const WORDS = ['ffffffff', 'ffffff7f', '00000080', 'c9fa93f9', 'cafa93f9', '0000000000000080'];

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
    fc.asyncProperty(fc.constantFrom(...lists), damages(WORDS), async (file, done) => {
      const path = folder.write('damaged.params', damaged(file, done));
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
    }),
    { numRuns: 400 },
  );
});

test('a damaged NumPy file is refused, or makes sense', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...arrays), damages(WORDS), async (file, done) => {
      await readAll(folder.write('damaged.npz', damaged(file, done)));
    }),
    { numRuns: 400 },
  );
});
