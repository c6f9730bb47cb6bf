import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { parseCommand } from '../../../cli/arguments.ts';
import type { Command } from '../../../cli/command.ts';
import { hash } from '../../../cli/commands/hash.ts';
import { inspect } from '../../../cli/commands/inspect.ts';
import { stats } from '../../../cli/commands/stats.ts';
import { containerFixtures, type ExpectedTensor } from '../../fixtures/catalog.ts';

const TOLERANCE = 1e-9;
const COUNTS = ['count', 'zeros', 'nans', 'infs'];
const MEASURES = ['min', 'max', 'mean', 'std', 'l2'];

let stdout: MockInstance<typeof process.stdout.write>;
beforeEach(() => {
  stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => stdout.mockRestore());

async function printed<T>(command: Command, path: string): Promise<T> {
  stdout.mockClear();
  expect(await command.run(parseCommand([path, '--json'], command.options), { json: true, version: '' })).toBe(0);
  return JSON.parse(stdout.mock.calls.map(([text]) => String(text)).join('')) as T;
}

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
      expect(expected.tensors.flatMap((tensor) => differences(tensor, found[tensor.name] ?? {}))).toEqual([]);
    });
  },
);

function differences({ name, stats: wanted = {} }: ExpectedTensor, found: Record<string, unknown>): string[] {
  const measures = wanted.float64_overflow ? [] : MEASURES.filter((key) => key in wanted);
  return [
    ...COUNTS.filter((key) => key in wanted && found[key] !== wanted[key]),
    ...measures.filter((key) => !isNear(found[key], wanted[key])),
  ].map((key) => `${name}: ${key} is ${String(found[key])}, not ${String(wanted[key])}`);
}

function isNear(found: unknown, wanted: unknown): boolean {
  if (wanted === null) return found === null;
  return (
    typeof found === 'number' &&
    Math.abs(found - Number(wanted)) <= TOLERANCE * Math.max(Math.abs(Number(wanted)), 1e-30)
  );
}
