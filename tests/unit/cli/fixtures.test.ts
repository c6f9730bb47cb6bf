import { describe, expect, test, vi } from 'vitest';
import { hash } from '../../../cli/commands/hash.ts';
import { inspect } from '../../../cli/commands/inspect.ts';
import { stats } from '../../../cli/commands/stats.ts';
import { reportFailure } from '../../../cli/failure.ts';
import { allMalformedFixtures, type Expected, mxnetFixtures, validFixtures } from '../../fixtures/catalog.ts';
import { commandsInProcess, differences } from './in-process.ts';

/** Issue 2: statistics to 1e-6 relative, counts exactly. */
const TOLERANCE = 1e-6;
const { output, printed } = commandsInProcess();

describe.each([...validFixtures(), ...mxnetFixtures()])('$id', ({ path, expected }) => {
  test('inspect lists names, dtypes, shapes and bytes as its writer put them in', async () => {
    const { format, metadata, tensors } = await printed<Inspected>(inspect, path);
    expect(format).toBe(expected.format);
    expect(tensors).toHaveLength(expected.tensor_count);
    if (format === 'safetensors') expect(metadata).toEqual(expected.metadata);
    const listed = tensors.map(({ name, dtype, shape, nbytes }) => ({ name, dtype, shape, nbytes }));
    expect(listed.filter(({ name }) => namesOf(expected).has(name))).toEqual(
      expected.tensors.map(({ name, dtype_norm, shape, nbytes }) => ({ name, dtype: dtype_norm, shape, nbytes })),
    );
  });

  test('hash gives the sums of the element bytes', async () => {
    const hashes = await printed<Record<string, string>>(hash, path);
    expect(Object.keys(hashes)).toHaveLength(expected.tensor_count);
    expect(selected(hashes, expected)).toEqual(
      Object.fromEntries(expected.tensors.map(({ name, sha256 }) => [name, sha256])),
    );
  });

  test('stats counts exactly and measures to a millionth', async () => {
    const found = await printed<Record<string, Record<string, unknown>>>(stats, path);
    expect(Object.keys(found)).toHaveLength(expected.tensor_count);
    expect(expected.tensors.flatMap((tensor) => differences(tensor, found[tensor.name] ?? {}, TOLERANCE))).toEqual([]);
  });
});

describe('malformed files', () => {
  test('are refused with status 3 and one line, each with its own', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const fixtures = allMalformedFixtures().filter(({ expected }) => expected.expect === 'reject');
    const statuses: number[] = [];
    for (const { path } of fixtures) {
      const error = await printed(inspect, path).catch((reason: unknown) => reason);
      statuses.push(reportFailure(error, false));
    }
    const lines = stderr.mock.calls.map(([text]) => String(text));
    stderr.mockRestore();
    expect(statuses).toEqual(fixtures.map(() => 3));
    expect(lines.filter((line) => !/^parascope: [^\n]+\n$/.test(line))).toEqual([]);
    const reasons = new Set(lines.map((line) => line.replace(/^parascope: [^:]*:/, '')));
    expect(reasons.size).toBe(fixtures.length);
    expect(output()).toBe('');
  });
});

interface Inspected {
  readonly format: string;
  readonly metadata: object;
  readonly tensors: readonly { name: string; dtype: string; shape: readonly number[]; nbytes: number }[];
}

function namesOf({ tensors }: Expected): ReadonlySet<string> {
  return new Set(tensors.map(({ name }) => name));
}

function selected<T>(all: Readonly<Record<string, T>>, expected: Expected): Record<string, T> {
  const names = namesOf(expected);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
