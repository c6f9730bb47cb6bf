import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Checkpoint, Entry } from '../../../core/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { type ExpectedTensor, type Fixture, validFixtures } from '../../fixtures/catalog.ts';

async function sha256(checkpoint: Checkpoint, entry: Entry): Promise<string> {
  const hash = createHash('sha256');
  const middle = Math.floor(entry.nbytes / 3);
  for (const [start, stop] of [
    [0, middle],
    [middle, entry.nbytes],
  ] as const) {
    hash.update(await checkpoint.read(entry, { start, stop }));
  }
  return hash.digest('hex');
}

function offsetsOf(checkpoint: Checkpoint, entry: Entry): number[] {
  const dataStart = Number(readFileSync(checkpoint.files[entry.file]!.path).readBigUInt64LE(0)) + 8;
  return [entry.offset - dataStart, entry.offset - dataStart + entry.nbytes];
}

async function describeEntry(checkpoint: Checkpoint, entry: Entry, expected: ExpectedTensor) {
  return {
    name: entry.name,
    dtype: entry.dtype,
    shape: entry.shape,
    nbytes: entry.nbytes,
    sha256: await sha256(checkpoint, entry),
    ...(expected.data_offsets && { data_offsets: offsetsOf(checkpoint, entry) }),
    ...(expected.file && { file: basename(checkpoint.files[entry.file]!.path) }),
  };
}

function expectedEntry({ name, dtype_norm, shape, nbytes, sha256, data_offsets, file }: ExpectedTensor) {
  return {
    name,
    dtype: dtype_norm,
    shape,
    nbytes,
    sha256,
    ...(data_offsets && { data_offsets }),
    ...(file && { file }),
  };
}

/** As `digest_of` in the fixtures says: a line per tensor, names sorted by their UTF-8 bytes. */
async function digest(checkpoint: Checkpoint, dtypes: ReadonlyMap<string, string>): Promise<string> {
  const sorted = [...checkpoint.entries].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const hash = createHash('sha256');
  const file = readFileSync(checkpoint.path);
  for (const { name, dtype, shape, offset, nbytes } of sorted) {
    const sum = createHash('sha256')
      .update(file.subarray(offset, offset + nbytes))
      .digest('hex');
    hash.update(`${name}\t${dtypes.get(dtype)}\t${shape.join(',')}\t${sum}\n`);
  }
  return hash.digest('hex');
}

const TOKENS = new Map([
  ['float32', 'F32'],
  ['float16', 'F16'],
  ['bfloat16', 'BF16'],
  ['int8', 'I8'],
]);

describe.each(validFixtures())('$id', ({ path, expected }: Fixture) => {
  test('has the tensors, dtypes, shapes, places, bytes and metadata that its writer put in', async () => {
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.format).toBe(expected.format);
    expect(checkpoint.entries).toHaveLength(expected.tensor_count);
    const found = expected.sampled
      ? expected.tensors.map(({ name }) => checkpoint.find(name))
      : [...checkpoint.entries];
    const described = found.map((entry, index) => describeEntry(checkpoint, entry!, expected.tensors[index]!));
    expect(await Promise.all(described)).toEqual(expected.tensors.map(expectedEntry));
    if (expected.digest) expect(await digest(checkpoint, TOKENS)).toBe(expected.digest);
    if (expected.format === 'safetensors') expect(checkpoint.metadata).toEqual(expected.metadata);
    await checkpoint.close();
  });

  test('finds every tensor by its name and none by another', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const entry of checkpoint.entries) expect(checkpoint.find(entry.name)).toBe(entry);
    expect(checkpoint.find('no such tensor')).toBeUndefined();
    await checkpoint.close();
  });
});
