import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { brokenContainers, containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { damagedFilesAreSafe } from '../containers/damage.ts';
import { TorchFile } from './make-torch.ts';

const folder = temporaryFolder();
const small = [...containerFixtures(['pytorch']), ...brokenContainers(['pytorch'])]
  .map(({ path }) => path)
  .filter((path) => !/slice_of_big|zip_bomb|checkpoint|legacy_p2/.test(path));

test('damaged files are refused by name, or list what lies inside them', async () => {
  await fc.assert(damagedFilesAreSafe(small, folder), { numRuns: 400 });
  expect(existsSync('/tmp/FIXTURE_PICKLE_RAN')).toBe(false);
}, 60_000);

const file = (): TorchFile => new TorchFile().storage('0', new Uint8Array(64));

test.each([
  ['beyond its storage', { size: [17], stride: [1] }, /reaches beyond its storage of 64 bytes/],
  ['a stride beyond', { size: [2, 2], stride: [16, 1] }, /reaches beyond its storage/],
  ['an offset beyond', { size: [4], stride: [1], start: 13 }, /reaches beyond its storage/],
  ['a negative size', { size: [-1], stride: [1] }, /the shape of a tensor is malformed/],
  ['a negative stride', { size: [2], stride: [-1] }, /the strides of a tensor/],
  ['no strides', { size: [2], stride: [] }, /1 dimensions has 0 strides/],
  ['absurd sizes', { size: [2 ** 31, 2 ** 31], stride: [0, 0] }, /too many elements/],
])('a tensor with %s is refused', async (name, tensor, message) => {
  const path = folder.write(`${name}.pt`, file().tensor('w', tensor).bytes());
  await expect(openCheckpoint(path)).rejects.toThrow(message);
});

test('a tensor of a size that its strides justify is only listed', async () => {
  const path = folder.write(
    'expanded.pt',
    file()
      .tensor('w', { size: [2 ** 20, 2 ** 20], stride: [0, 0] })
      .bytes(),
  );
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.entries).toMatchObject([{ name: 'w', shape: [2 ** 20, 2 ** 20], nbytes: 2 ** 42 }]);
});

test('two keys that read alike make two tensors', async () => {
  const tensor = { size: [2], stride: [1] };
  const path = folder.write('twice.pt', file().tensor('1', tensor).tensor(1, tensor).bytes());
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.entries.map(({ name }) => name)).toEqual(['1', '1#2']);
});

test('values that share values to the thousandth power are refused, not counted out', async () => {
  // [[[…], […]], [[…], […]]]: forty levels of two are 2^40 values.
  const doubled = `]q\x00${'(h\x00h\x00lq\x00'.repeat(40)}`;
  const path = folder.write('doubled.pt', new TorchFile().pickle(`\x80\x02${doubled}.`).bytes());
  await expect(openCheckpoint(path)).rejects.toThrow(/its values share values/);
});

test('a value that holds itself is shown once', async () => {
  const path = folder.write('cycle.pt', new TorchFile().pickle('\x80\x02}q\x00(X\x01\x00\x00\x00ah\x00u.').bytes());
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.values).toEqual([expect.objectContaining({ key: 'a', text: 'contains itself' })]);
});
