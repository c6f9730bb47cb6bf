import { describe, expect, test } from 'vitest';
import { hash } from '../../../cli/commands/hash.ts';
import { inspect } from '../../../cli/commands/inspect.ts';
import { stats } from '../../../cli/commands/stats.ts';
import { containerFixtures, type ExpectedTensor } from '../../fixtures/catalog.ts';
import { commandsInProcess, differences } from '../cli/in-process.ts';

const TOLERANCE = 1e-9;
const { printed } = commandsInProcess();

interface Listed {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly nbytes: number;
}

describe.each(containerFixtures(['flax', 'tfjs', 'hdf5', 'keras', 'tflite', 'tensorflow']))(
  '$id',
  ({ path, expected }) => {
    const plain = expected.tensors.filter((tensor) => !tensor.optional_values);

    test('inspect lists all arrays in the order of the file, with the bytes that it stores', async () => {
      const { tensors } = await printed<{ tensors: Listed[] }>(inspect, path);
      const head = ({ name, dtype_norm, shape }: ExpectedTensor) => [name, dtype_norm, shape];
      expect(tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual(expected.tensors.map(head));
      const sizes = new Map(tensors.map(({ name, nbytes }) => [name, nbytes]));
      expect(plain.map(({ name }) => sizes.get(name))).toEqual(plain.map(({ nbytes }) => nbytes));
    });

    test('hash gives the sums of the stored bytes, in C order and little-endian', async () => {
      const sums = await printed<Record<string, string>>(hash, path);
      expect(Object.fromEntries(plain.map(({ name }) => [name, sums[name]]))).toEqual(
        Object.fromEntries(plain.map(({ name, sha256 }) => [name, sha256])),
      );
    });

    test('stats counts exactly and measures what values stand for', async () => {
      const found = await printed<Record<string, Record<string, unknown>>>(stats, path);
      expect(expected.tensors.flatMap((tensor) => differences(tensor, found[tensor.name] ?? {}, TOLERANCE))).toEqual(
        [],
      );
    });
  },
);
