import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint, ValueNode } from '../../../core/checkpoint/checkpoint.ts';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { storedEntry } from '../../../core/checkpoint/stored-entry.ts';
import { scratchUnpacker } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { warnings } from '../../../core/warnings.ts';
import { brokenContainers, containerFixtures, type ExpectedTensor } from '../../fixtures/catalog.ts';
import { refusal } from '../checkpoint/refusal.ts';

/** What the fixtures say of PyTorch files beyond other formats. */
interface TorchTensor extends ExpectedTensor {
  readonly requires_grad?: boolean;
  readonly is_parameter?: boolean;
  readonly stride?: readonly number[];
  readonly storage_group?: number;
  readonly dense?: ExpectedTensor;
  readonly quant?: { readonly dequantized: ExpectedTensor };
}

interface OtherValue {
  readonly path: readonly (string | number)[];
  readonly type: string;
  readonly value: unknown;
}

interface TorchExpected {
  readonly tensors: readonly TorchTensor[];
  readonly numpy_arrays?: readonly TorchTensor[];
  readonly others?: readonly OtherValue[];
}

const engine = createTensorEngine({ threads: 1 });
afterAll(() => engine.close());

/** The payload of every hostile fixture would create it. */
const PAYLOAD = '/tmp/FIXTURE_PICKLE_RAN';
beforeAll(() => rmSync(PAYLOAD, { force: true }));
afterAll(() => expect(existsSync(PAYLOAD)).toBe(false));

function expectedOf(expected: unknown): TorchExpected {
  return expected as TorchExpected;
}

function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Groups as sets of names, whatever their numbers. */
function groupsOf(members: readonly (readonly [string, number | undefined])[]): string[][] {
  const groups = new Map<number, string[]>();
  for (const [name, group] of members) {
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}

function nodeAt(nodes: readonly ValueNode[] | undefined, path: readonly (string | number)[]): ValueNode | undefined {
  const [key, ...rest] = path;
  const node = nodes?.find((candidate) => candidate.key === String(key));
  return rest.length === 0 ? node : nodeAt(node?.children, rest);
}

function expectValue(node: ValueNode | undefined, { type, value, path }: OtherValue): void {
  const where = path.join('.');
  if (node === undefined) throw new Error(`${where} is not among the values`);
  if (type === 'NoneType') expect(node.kind, where).toBe('null');
  else if (type === 'bool') expect(node.text, where).toBe(value ? 'True' : 'False');
  else if (type === 'bytes') expect(node.text, where).toBe(value);
  else if (typeof value === 'number') expect(Number(node.text), where).toBe(value);
  else expect(node.text, where).toBe(value);
}

/** What an engine makes of a tensor, wherever its bytes had to be unpacked to. */
async function evaluated<T>(tensor: LazyTensor, evaluate: (plain: LazyTensor) => Promise<T>): Promise<T> {
  const lease = await scratchUnpacker().unpack(tensor);
  try {
    return await evaluate(lease.tensor);
  } finally {
    lease.release();
  }
}

async function expectStats(checkpoint: Checkpoint, name: string, stats: ExpectedTensor['stats']): Promise<void> {
  const entry = checkpoint.find(name);
  if (!entry || !stats) return;
  const all = await evaluated(lazyEntry(checkpoint, entry), (tensor) => engine.stats(tensor));
  const found = all as unknown as Record<string, number | null>;
  for (const [key, value] of Object.entries(stats)) {
    if (!(key in found)) continue;
    const actual = found[key];
    if (typeof value === 'number' && typeof actual === 'number') {
      const tolerance = 1e-9 * Math.max(Math.abs(value), Number.MIN_VALUE);
      expect(Math.abs(actual - value), `${name} ${key}: ${actual} for ${value}`).toBeLessThanOrEqual(
        tolerance + 1e-300,
      );
    } else if (typeof value !== 'boolean') expect(actual, `${name} ${key}`).toBe(value);
  }
}

describe.each(containerFixtures(['pytorch']))('$id', ({ path, expected }) => {
  const { tensors, numpy_arrays = [], others = [] } = expectedOf(expected);

  test('has the tensors that its writer put in, in order', async () => {
    const checkpoint = await openCheckpoint(path);
    const arrays = new Set(numpy_arrays.map(({ name }) => name));
    expect(checkpoint.entries.map(({ name }) => name).filter((name) => !arrays.has(name))).toEqual(
      tensors.map(({ name }) => name),
    );
    for (const wanted of [...tensors, ...numpy_arrays]) {
      const entry = checkpoint.find(wanted.name);
      if (!entry) throw new Error(`${wanted.name} is missing`);
      const { dtype, shape } = entry;
      expect({ dtype: entry.stored?.dtype ?? dtype, shape }).toEqual({ dtype: wanted.dtype_norm, shape: wanted.shape });
      // What is expected of modules was taken from their state_dict, which detaches parameters.
      if (!('either' in expected)) {
        expect(entry.facts?.is_parameter === 'true').toBe(wanted.is_parameter ?? false);
        expect(entry.facts?.requires_grad === 'true').toBe(wanted.requires_grad ?? false);
      }
    }
    await checkpoint.close();
  });

  test('has their values', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const { name, sha256, dense, quant, ...wanted } of [...tensors, ...numpy_arrays]) {
      const entry = checkpoint.find(name);
      if (!entry) throw new Error(`${name} is missing`);
      const value = quant?.dequantized.sha256 ?? dense?.sha256 ?? sha256;
      expect(sumOf(await checkpoint.read(entry)), name).toBe(value);
      const hash = await evaluated(storedEntry(checkpoint, entry), (tensor) => engine.hash(tensor));
      expect(hash, name).toBe(dense?.sha256 ?? sha256);
      await expectStats(checkpoint, name, (quant?.dequantized ?? dense ?? wanted).stats);
    }
    await checkpoint.close();
  });

  test('says which tensors share a storage', async () => {
    const checkpoint = await openCheckpoint(path);
    expect(groupsOf(checkpoint.entries.map(({ name, storageGroup }) => [name, storageGroup]))).toEqual(
      groupsOf(tensors.map(({ name, storage_group }) => [name, storage_group])),
    );
    await checkpoint.close();
  });

  test('keeps the other values as a tree', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const other of others) expectValue(nodeAt(checkpoint.values, other.path), other);
    await checkpoint.close();
  });
});

describe.each(brokenContainers(['pytorch', 'torchscript']))('$id', ({ id, path, expected }) => {
  test.runIf(expected.expect === 'reject')('is refused with one message that names the file', async () => {
    const error = await refusal(path);
    expect(['CHECKPOINT_FORMAT', 'UNSAFE_CHECKPOINT']).toContain(error.code);
    expect(error.message).toContain(id.split('/').at(-1));
    expect(error.message).not.toContain('\n');
  });

  test.runIf(expected.expect !== 'reject')('is refused, or opens and says what is unsafe', async () => {
    const said: string[] = [];
    const unsubscribe = warnings.subscribe(({ message }) => said.push(message));
    const outcome = await openCheckpoint(path).catch((error: Error) => error);
    unsubscribe();
    const global = /builtins_eval|raw_pickle_eval/.test(id) ? 'eval' : /os_system/.test(id) ? 'os.system' : null;
    if (outcome instanceof Error) {
      expect(outcome.name).toBe('UnsafeCheckpointError');
      if (global !== null) expect(outcome.message).toContain(global);
    } else if (global !== null) {
      expect(outcome.entries.map(({ name }) => name)).toEqual(['w', 'w2']);
      expect(said.join()).toContain(global);
      expect(outcome.values?.map(({ type }) => type).join()).toContain(global);
    }
    expect(existsSync(PAYLOAD)).toBe(false);
  });
});
