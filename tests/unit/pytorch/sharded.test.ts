import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';

const folder = temporaryFolder();
const fixture = (name: string): Buffer => {
  const found = containerFixtures(['pytorch']).find(({ id }) => id === `pytorch/${name}`);
  if (!found) throw new Error(`${name} is not bundled`);
  return readFileSync(found.path);
};

async function mapOf(path: string, shard: string): Promise<Record<string, string>> {
  const { entries } = await openCheckpoint(path);
  return Object.fromEntries(entries.map(({ name }) => [name, shard]));
}

test('shards of torch open as one checkpoint by their index', async () => {
  const first = folder.write('pytorch_model-00001-of-00002.bin', fixture('state_dict.pt'));
  const second = folder.write('pytorch_model-00002-of-00002.bin', fixture('dtypes_legacy.pt'));
  const weightMap = {
    ...(await mapOf(first, 'pytorch_model-00001-of-00002.bin')),
    ...(await mapOf(second, 'pytorch_model-00002-of-00002.bin')),
  };
  const index = { metadata: { total_size: 1 }, weight_map: weightMap };
  const path = folder.write('pytorch_model.bin.index.json', Buffer.from(JSON.stringify(index)));
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.format).toBe('pytorch-index');
  expect(checkpoint.metadata).toEqual({ total_size: '1' });
  expect(checkpoint.entries.map(({ name }) => name)).toEqual(Object.keys(weightMap));
  const alone = await openCheckpoint(second);
  for (const entry of alone.entries) {
    const found = checkpoint.find(entry.name);
    expect(found?.file).toBe(1);
    if (found) expect(await checkpoint.read(found)).toEqual(await alone.read(entry));
  }
});

test('an index and shards that disagree are refused', async () => {
  folder.write('only.bin', fixture('state_dict.pt'));
  const path = folder.write('wrong.bin.index.json', Buffer.from('{"weight_map":{"mask":"only.bin"}}'));
  await expect(openCheckpoint(path)).rejects.toThrow(
    /only\.bin holds tensor "embed\.weight", which weight_map does not/,
  );
});

test('a shard outside the folder of the index is not opened', async () => {
  const path = folder.write('away.bin.index.json', Buffer.from('{"weight_map":{"w":"../only.bin"}}'));
  await expect(openCheckpoint(path)).rejects.toThrow(/outside the folder of the index/);
});
