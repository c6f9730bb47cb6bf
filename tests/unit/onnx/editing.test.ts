import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FileSource } from '../../../core/checkpoint/byte-source.ts';
import { deleteEdit, renameEdits, typeEdits, valueEdits } from '../../../core/checkpoint/onnx/edits.ts';
import { OnnxCheckpoint } from '../../../core/checkpoint/onnx/reader.ts';
import { MODEL_SHAPE } from '../../../core/checkpoint/onnx/schema.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { type Edit, patchMessage, piecesBytes } from '../../../core/checkpoint/protobuf/patch.ts';
import { WireReader } from '../../../core/checkpoint/protobuf/wire-reader.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { bytes, message, model, node, tensor } from './make.ts';

const folder = temporaryFolder();
let files = 0;

async function open(path: string): Promise<OnnxCheckpoint> {
  const checkpoint = await openCheckpoint(path);
  if (checkpoint instanceof OnnxCheckpoint) return checkpoint;
  throw new Error(`${path} is not ONNX`);
}

/** The file with the edits made, read again. */
async function patched(path: string, edits: readonly Edit<never>[]): Promise<OnnxCheckpoint> {
  const reader = new WireReader(await FileSource.open(path));
  const pieces = await reader.run(patchMessage(reader, MODEL_SHAPE, edits));
  const old = readFileSync(path);
  const parts = pieces.map((piece) => {
    if (piece.from === 'file') return old.subarray(piece.start, piece.stop);
    if (piece.from === 'bytes') return piece.bytes;
    throw new Error('nothing was streamed');
  });
  const file = Buffer.concat(parts);
  expect(file).toHaveLength(piecesBytes(pieces));
  return await open(folder.write(`patched-${files++}.onnx`, file));
}

function foundOf(checkpoint: OnnxCheckpoint, name: string): OnnxCheckpoint['found'][number] {
  return checkpoint.found[checkpoint.entries.findIndex((entry) => entry.name === name)]!;
}

const inside = containerFixtures(['onnx']).filter(({ id }) => !id.includes('external'));

describe.each(inside)('$id', ({ path }) => {
  test('without edits is itself, in one piece', async () => {
    const reader = new WireReader(await FileSource.open(path));
    expect(await reader.run(patchMessage(reader, MODEL_SHAPE, []))).toEqual([
      { from: 'file', start: 0, stop: reader.size },
    ]);
  });

  test('keeps every value when all names change, to shorter and to much longer ones', async () => {
    const before = await open(path);
    for (const rename of [(i: number) => `n${i}`, (i: number) => `${'long.'.repeat(50)}${i}`]) {
      const edits = before.found.flatMap((found, i) => renameEdits<never>(found, rename(i)));
      const after = await patched(path, edits);
      expect(after.entries.map(({ name }) => name)).toEqual(before.entries.map((_, i) => rename(i)));
      for (const [i, entry] of before.entries.entries()) {
        expect(await after.read(after.entries[i]!)).toEqual(await before.read(entry));
        expect(after.entries[i]?.facts?.used_by).toBe(entry.facts?.used_by);
      }
      expect(after.metadata).toEqual(before.metadata);
    }
  });
});

test('a value is renamed in the graphs inside, but not where they have one of that name', async () => {
  const raw = bytes(9, new Uint8Array(4));
  const branch = (own: string, used: string) =>
    message(6, message(1, ...node('Neg', { inputs: [used], outputs: ['r'] })), message(5, ...tensor(own, 1, [1], raw)));
  const attributes = [
    message(5, bytes(1, 'then_branch'), branch('inner', 'w')),
    message(5, bytes(1, 'else_branch'), branch('w', 'w')),
  ];
  const file = model(
    message(1, ...node('If', { inputs: ['c'], outputs: ['w2'], attributes })),
    message(5, ...tensor('w', 1, [1], raw)),
    message(11, bytes(1, 'w')),
    message(12, bytes(1, 'w')),
  );
  const path = folder.write('shadow.onnx', file);
  const before = await open(path);
  const after = await patched(path, renameEdits(foundOf(before, 'w'), 'renamed'));
  expect(after.entries.map(({ name, facts }) => [name, facts?.used_by])).toEqual([
    ['renamed', 'Neg'],
    ['inner', undefined],
    ['w', 'Neg'],
  ]);
  expect(after.model.graph).toMatchObject({ inputs: ['renamed'], outputs: ['renamed'] });
});

describe('values', () => {
  const [mlp] = inside.filter(({ id }) => id.endsWith('mlp_raw.onnx'));
  const [typed] = inside.filter(({ id }) => id.endsWith('typed_and_raw_dtypes.onnx'));

  test('in raw_data are replaced in their place: nothing else changes', async () => {
    const before = await open(mlp!.path);
    const found = foundOf(before, 'fc1.bias');
    const after = await patched(
      mlp!.path,
      valueEdits(found.message, [{ from: 'bytes', bytes: new Uint8Array(20).fill(7) }]),
    );
    const [old, now] = [readFileSync(mlp!.path), readFileSync(after.path)];
    const entry = before.find('fc1.bias')!;
    old.fill(7, entry.offset, entry.offset + 20);
    expect(now.equals(old)).toBe(true);
  });

  test('in typed fields become raw, and another dtype and shape', async () => {
    for (const name of ['float_typed', 'i64_typed', 'int4_typed', 'scalar_typed', 'empty_typed']) {
      const before = await open(typed!.path);
      const { message: tensorMessage } = foundOf(before, name);
      const content = Buffer.from([1, 2, 3, 4, 5, 6]);
      const after = await patched(typed!.path, [
        ...typeEdits<never>(tensorMessage, 'uint8', [2, 3]),
        ...valueEdits<never>(tensorMessage, [{ from: 'bytes', bytes: content }]),
      ]);
      const entry = after.find(name)!;
      expect(entry).toMatchObject({ dtype: 'uint8', shape: [2, 3], facts: { stored: 'raw_data' } });
      expect(Buffer.from(await after.read(entry))).toEqual(content);
      for (const other of before.entries.filter((candidate) => candidate.name !== name)) {
        expect(await after.read(after.find(other.name)!)).toEqual(await before.read(other));
      }
    }
  });

  test('of a dtype that ONNX does not have are refused', async () => {
    const { message: tensorMessage } = foundOf(await open(mlp!.path), 'fc1.bias');
    expect(() => typeEdits(tensorMessage, 'q4_0', [5])).toThrow(/ONNX cannot store q4_0/);
  });
});

test('a deleted initializer is gone, and the rest is as it was', async () => {
  const [mlp] = inside.filter(({ id }) => id.endsWith('mlp_raw.onnx'));
  const before = await open(mlp!.path);
  const after = await patched(mlp!.path, [deleteEdit(foundOf(before, 'fc1.bias'))]);
  expect(after.entries.map(({ name }) => name)).toEqual(
    before.entries.map(({ name }) => name).filter((name) => name !== 'fc1.bias'),
  );
});

test('a change that meets nothing is an error', async () => {
  const [mlp] = inside.filter(({ id }) => id.endsWith('mlp_raw.onnx'));
  const stray = { kind: 'replace', at: { start: 3, stop: 5 }, pieces: [] } as const;
  await expect(patched(mlp!.path, [stray])).rejects.toThrow(/1 of 1 changes meet no field/);
});
