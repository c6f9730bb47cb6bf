import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { brokenContainers, containerFixtures } from '../../fixtures/catalog.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { listed, wanted } from './describe.ts';

const FOLDERS = ['flax', 'tfjs', 'hdf5', 'hdf5-h5py', 'keras', 'tflite', 'tensorflow'];
const FORMATS = ['flax-msgpack', 'tfjs', 'hdf5', 'keras', 'tflite', 'tf-checkpoint'];

describe.each(containerFixtures(FOLDERS))('$id', ({ path, expected }) => {
  test('has the names, dtypes, shapes and bytes that its writer put in', async () => {
    const checkpoint = await openCheckpoint(path);
    const found = await listed(checkpoint);
    expect(Object.fromEntries(expected.tensors.map(({ name }) => [name, found.get(name)]))).toEqual(
      Object.fromEntries(expected.tensors.map((tensor) => [tensor.name, wanted(tensor)])),
    );
    const isPlain = (name: string): boolean => checkpoint.find(name) !== undefined;
    expect([...found.keys()].filter(isPlain)).toHaveLength(expected.tensors.filter(({ name }) => isPlain(name)).length);
    expect([...found.keys()].filter((name) => checkpoint.find(name))).toEqual(
      checkpoint.entries.map(({ name }) => name),
    );
    await checkpoint.close();
  });
});

describe.each(brokenContainers(FORMATS))('$id', ({ path, expected }) => {
  test.runIf(expected.expect === 'reject')('is refused with one message that names the file', async () => {
    const error = await refusal(path);
    expect(['CHECKPOINT_FORMAT', 'UNSAFE_CHECKPOINT']).toContain(error.code);
    expect(error.message).toContain(String(error.details.file));
    expect(error.message).not.toContain('\n');
  });
});
