import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import type { Edit } from '../../../core/workspace/edits.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { pythonWith } from '../../python.ts';
import { openWorkspace, safetensorsBytes, scratchFolder } from '../workspace/support.ts';
import { ggufFile, type MadeTensor } from './make.ts';

const engine = createTensorEngine({ threads: 1 });
afterAll(() => engine.close());

const FIXTURES = containerFixtures(['gguf']);
const MODEL = FIXTURES.find(({ id }) => id.endsWith('model_like.gguf'))!;
const TYPES = FIXTURES.find(({ id }) => id.endsWith('metadata_types.gguf'))!;
const PARTS = FIXTURES.filter(({ id }) => id.includes('/split/'));

interface Opened {
  readonly document: Document;
  readonly path: string;
  readonly original: Buffer;
}

/** A copy of a file, opened; of a model in parts by its first. */
async function open(source: string | Uint8Array, ...others: readonly string[]): Promise<Opened> {
  const folder = await scratchFolder();
  const path = join(folder, typeof source === 'string' ? basename(source) : 'model.gguf');
  if (typeof source === 'string') await copyFile(source, path);
  else await writeFile(path, source);
  for (const other of others) await copyFile(other, join(folder, basename(other)));
  const workspace = openWorkspace(folder);
  return { document: await workspace.open(path), path, original: await readFile(path) };
}

async function contentOf(path: string): Promise<{ tensors: unknown[]; metadata: Readonly<Record<string, string>> }> {
  const checkpoint = await openCheckpoint(path);
  const tensors = [];
  for (const entry of checkpoint.entries) {
    tensors.push([entry.name, entry.dtype, entry.shape, await engine.hash(lazyEntry(checkpoint, entry))]);
  }
  await checkpoint.close();
  return { tensors, metadata: checkpoint.metadata };
}

async function edited(
  source: string | Uint8Array,
  ...edits: readonly Edit[]
): Promise<Opened & { saved: Buffer; plan: string }> {
  const opened = await open(source);
  for (const edit of edits) await opened.document.edit(edit);
  const { plan } = await opened.document.save();
  return { ...opened, saved: await readFile(opened.path), plan };
}

/** Positions at which two files of one size differ. */
function differences(a: Uint8Array, b: Uint8Array): number[] {
  expect(a.length).toBe(b.length);
  return [...a.keys()].filter((i) => a[i] !== b[i]);
}

describe.each(FIXTURES.filter(({ id }) => !id.includes('/split/')))('$id', ({ path: source }) => {
  test('is not written where nothing changed, and its copy holds what it holds', async () => {
    const { document, path, original } = await open(source);
    expect(await document.save()).toMatchObject({ plan: 'none' });
    const copy = join(dirname(path), 'copy.gguf');
    await document.exportTo(copy);
    expect((await readFile(path)).equals(original)).toBe(true);
    expect(await contentOf(copy)).toEqual(await contentOf(path));
  });
});

test.each([MODEL, TYPES])('a copy of $id is the same to the byte', async ({ path: source }) => {
  const { document, path, original } = await open(source);
  const copy = join(dirname(path), 'copy.gguf');
  await document.exportTo(copy);
  expect((await readFile(copy)).equals(original)).toBe(true);
});

test('one value that is set changes its own bytes alone, in a copy and in place', async () => {
  const { document, path, original } = await open(TYPES.path);
  const { offset } = (await openCheckpoint(path)).find('token_embd.weight')!;
  await document.edit({ kind: 'set', name: 'token_embd.weight', slice: '1,2', values: ['-1e30'] });
  expect(await document.save()).toMatchObject({ plan: 'patch' });
  const first = await readFile(path);
  expect(differences(original, first).every((at) => at >= offset + 40 && at < offset + 44)).toBe(true);
  expect(first.readFloatLE(offset + 40)).toBe(Math.fround(-1e30));
  await document.edit({ kind: 'set', name: 'token_embd.weight', slice: '0,0', values: ['7'] });
  expect(await document.save({ inPlace: true })).toMatchObject({ plan: 'in-place', bytesWritten: 4 });
  const second = await readFile(path);
  expect(differences(first, second).every((at) => at >= offset && at < offset + 4)).toBe(true);
});

test('a rename that fits into the padding moves no data', async () => {
  const made = ggufFile({
    fields: [['general.architecture', 'string', 'x']],
    tensors: [{ name: 'a', ne: [8], type: 0, bytes: Buffer.alloc(32, 1) }],
  });
  const { plan, saved, path } = await edited(made, { kind: 'rename', from: 'a', to: 'ab' });
  expect(plan).toBe('patch');
  expect(saved.subarray(-32).equals(made.subarray(-32))).toBe(true);
  expect((await openCheckpoint(path)).entries.map(({ name }) => name)).toEqual(['ab']);
  const back = await edited(saved, { kind: 'rename', from: 'ab', to: 'a' });
  expect(back.saved.equals(made)).toBe(true);
});

test('renames, deletions and casts leave every other tensor and all metadata as they were', async () => {
  const before = await contentOf(MODEL.path);
  const { path } = await edited(
    MODEL.path,
    { kind: 'rename', from: 'blk.0.attn_q.weight', to: 'blk.0.attn_query_with_a_longer_name.weight' },
    { kind: 'delete', select: 'blk.1.*' },
    { kind: 'cast', select: 'blk.0.attn_norm.weight', dtype: 'float16' },
  );
  const after = await contentOf(path);
  expect(after.metadata).toEqual(before.metadata);
  const kept = before.tensors.filter((tensor) => !String((tensor as unknown[])[0]).startsWith('blk.1.'));
  expect(after.tensors.length).toBe(kept.length);
  after.tensors.forEach((tensor, i) => {
    const [name, ...rest] = kept[i] as unknown[];
    if (name === 'blk.0.attn_norm.weight') expect((tensor as unknown[])[1]).toBe('float16');
    else if (name === 'blk.0.attn_q.weight')
      expect(tensor).toEqual(['blk.0.attn_query_with_a_longer_name.weight', ...rest]);
    else expect(tensor).toEqual([name, ...rest]);
  });
});

test('data start at multiples of the alignment, which can be changed', async () => {
  const { path } = await edited(
    MODEL.path,
    { kind: 'metadata', key: 'general.alignment', value: '128' },
    { kind: 'delete', select: 'token_embd.weight' },
  );
  for (const { offset } of (await openCheckpoint(path)).entries) expect(offset % 128).toBe(0);
});

const EDITED_KEYS: readonly (readonly [key: string, text: string, shown?: string])[] = [
  ['general.architecture', 'gpt2'],
  ['test.u8', '7'],
  ['test.i8', '-1'],
  ['test.u64', '18446744073709551614'],
  ['test.i64', '-9223372036854775807'],
  ['test.f32', '0.5'],
  ['test.f64', '1e-300'],
  ['test.bool', 'false'],
];

describe('metadata', () => {
  test('keep the type of their key, and everything else its bytes', async () => {
    const before = (await openCheckpoint(TYPES.path)).metadata;
    const edits = EDITED_KEYS.filter(([key]) => key in before);
    expect(edits.length).toBeGreaterThan(6);
    const { path } = await edited(
      TYPES.path,
      ...edits.map(([key, value]) => ({ kind: 'metadata', key, value }) as const),
    );
    const after = await contentOf(path);
    expect(after.metadata).toEqual({ ...before, ...Object.fromEntries(edits) });
    const back = edits.map(([key]) => ({ kind: 'metadata', key, value: before[key] ?? '' }) as const);
    expect((await edited(await readFile(path), ...back)).saved.equals(await readFile(TYPES.path))).toBe(true);
  });

  test('new keys get the type that their text looks like', async () => {
    const texts = {
      a: '3',
      b: '-3',
      c: '5000000000',
      d: '0.25',
      e: 'true',
      f: '[1,2]',
      g: '["x","y"]',
      h: 'words',
      'general.version': '2',
    };
    const { path } = await edited(
      TYPES.path,
      ...Object.entries(texts).map(([key, value]) => ({ kind: 'metadata', key, value }) as const),
    );
    const { header } = (
      (await openCheckpoint(path)) as unknown as {
        parts: { header: { fields: { key: string; type: string; text: string }[] } }[];
      }
    ).parts[0]!;
    const types = Object.keys(texts).map((key) => header.fields.find((field) => field.key === key)?.type);
    expect(types).toEqual(['uint32', 'int32', 'uint64', 'float32', 'bool', 'array', 'array', 'string', 'string']);
    expect((await openCheckpoint(path)).metadata).toMatchObject(texts);
  });

  test.each([
    ['test.u8', '256', /a whole number that uint8 can hold/],
    ['test.u8', 'x', /a whole number \(uint8\)/],
    ['test.f32', 'x', /a number \(float32\)/],
    ['general.alignment', '33', /power of two/],
    ['split.count', '2', /which part of the model/],
  ])('%s cannot become %s', async (key, value, reason) => {
    const { document } = await open(TYPES.path);
    await expect(document.edit({ kind: 'metadata', key, value })).rejects.toThrow(reason);
  });
});

test('takes new tensors and other shapes', async () => {
  const before = await contentOf(MODEL.path);
  const { path } = await edited(
    MODEL.path,
    { kind: 'slice', name: 'output.weight', slice: '1:3', to: 'part' },
    { kind: 'reshape', name: 'blk.0.attn_norm.weight', shape: [8, 8] },
  );
  const { tensors } = await contentOf(path);
  const shapes = new Map(tensors.map((tensor) => [(tensor as unknown[])[0], (tensor as unknown[])[2]]));
  expect(shapes.get('part')).toEqual([2, 64]);
  expect(shapes.get('blk.0.attn_norm.weight')).toEqual([8, 8]);
  const others = (list: readonly unknown[]) =>
    list.filter((tensor) => !['part', 'blk.0.attn_norm.weight'].includes(String((tensor as unknown[])[0])));
  expect(others(tensors)).toEqual(others(before.tensors));
  const { document } = await open(MODEL.path);
  const deep: Edit = { kind: 'reshape', name: 'blk.0.attn_norm.weight', shape: [2, 2, 2, 2, 4] };
  await expect(document.edit(deep)).rejects.toThrow(/at most 4 axes/);
});

test('what the format cannot hold is refused before the edit, with what can', async () => {
  const { document } = await open(MODEL.path);
  const [name] = document.listing().names;
  await expect(document.edit({ kind: 'rename', from: name!, to: 'x'.repeat(64) })).rejects.toThrow(/at most 63 bytes/);
  await expect(document.edit({ kind: 'cast', select: 'blk.0.attn_norm.weight', dtype: 'uint8' })).rejects.toThrow(
    /GGUF cannot store uint8.* Save as safetensors/,
  );
});

describe('a model in parts', () => {
  async function openParts(): Promise<Opened> {
    const [first = '', ...others] = PARTS.map(({ path }) => path);
    return await open(first, ...others);
  }

  test('has only those of its files written that change', async () => {
    const { document, path } = await openParts();
    const checkpoint = await openCheckpoint(path);
    const [name] = checkpoint.entries
      .filter(({ file, dtype }) => file === 1 && dtype === 'float32')
      .map(({ name }) => name);
    await document.edit({ kind: 'fill', select: name!, value: '1' });
    const { files } = await document.save();
    expect(files).toEqual([basename(PARTS[1]!.path)]);
  });

  test('stays in its parts, whose counts follow', async () => {
    const { document, path } = await openParts();
    const names = [...document.listing().names];
    await document.edit({ kind: 'delete', select: names[0]! });
    await document.edit({ kind: 'rename', from: names[1]!, to: 'renamed' });
    expect((await document.save()).files.length).toBe(PARTS.length);
    const after = await openCheckpoint(path);
    expect(after.entries.map(({ name }) => name)).toEqual(['renamed', ...names.slice(2)]);
    expect(after.metadata['split.tensors.count']).toBe(String(names.length - 1));
  });

  test('becomes one file elsewhere', async () => {
    const { document, path } = await openParts();
    const whole = join(dirname(path), 'whole.gguf');
    await document.exportTo(whole);
    const { metadata, tensors } = await contentOf(whole);
    const split = await contentOf(path);
    expect(tensors).toEqual(split.tensors);
    expect(metadata).toEqual(
      Object.fromEntries(Object.entries(split.metadata).filter(([key]) => !key.startsWith('split.'))),
    );
  });
});

describe('a big-endian model', () => {
  const BIG = ggufFile({
    bigEndian: true,
    fields: [
      ['general.architecture', 'string', 'x'],
      ['x.count', 'uint64', 5],
      ['x.words', 'strings', ['a', 'bc']],
    ],
    tensors: [{ name: 'w', ne: [2], type: 0, bytes: Buffer.from('3f800000c0000000', 'hex') }],
  });

  test('stays one when its head is edited', async () => {
    const { path, saved } = await edited(
      BIG,
      { kind: 'metadata', key: 'x.count', value: '6' },
      { kind: 'rename', from: 'w', to: 'longer.name.that.moves.the.data' },
    );
    expect(saved.readUInt32BE(4)).toBe(3);
    const { metadata, entries } = await openCheckpoint(path);
    expect(metadata).toEqual({ 'general.architecture': 'x', 'x.count': '6', 'x.words': '["a","bc"]' });
    expect(saved.subarray(entries[0]!.offset, entries[0]!.offset + 8).toString('hex')).toBe('3f800000c0000000');
  });

  test('has its values edited only in a little-endian copy', async () => {
    const { document, path } = await open(BIG);
    await expect(document.edit({ kind: 'fill', select: 'w', value: '1' })).rejects.toThrow(/big-endian/);
    const copy = join(dirname(path), 'little.gguf');
    await document.exportTo(copy);
    const made = await readFile(copy);
    expect(made.readUInt32LE(4)).toBe(3);
    expect(made.readFloatLE((await openCheckpoint(copy)).entries[0]!.offset + 4)).toBe(-2);
    expect((await openCheckpoint(copy)).metadata).toEqual((await openCheckpoint(path)).metadata);
  });
});

test('models of other formats become GGUF, with dims reversed and text as it was', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  const data = new Uint8Array(Float32Array.from({ length: 64 }, (_, i) => i).buffer);
  await writeFile(
    path,
    safetensorsBytes([{ name: 'w', dtype: 'F32', shape: [2, 32], bytes: data }], {
      'general.architecture': 'llama',
      'llama.block_count': '2',
      epoch: '03',
    }),
  );
  const document = await openWorkspace(folder).open(path);
  const target = join(folder, 'model.gguf');
  await document.exportTo(target);
  const made = await openCheckpoint(target);
  expect(made.metadata).toEqual({ epoch: '03', 'general.architecture': 'llama', 'llama.block_count': '2' });
  expect(made.entries.map(({ name, shape }) => [name, shape])).toEqual([['w', [2, 32]]]);
  await document.edit({ kind: 'rename', from: 'w', to: 'é'.repeat(32) });
  await expect(document.exportTo(target)).rejects.toThrow(/at most 63 bytes/);
});

const TENSOR = fc.record({
  name: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
  ne: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
});

test('any tensors under any alignment are laid out so that they are read again (property)', async () => {
  const folder = await scratchFolder();
  const workspace = openWorkspace(folder);
  let files = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(TENSOR, { maxLength: 5, selector: ({ name }) => name }),
      fc.constantFrom(1, 8, 32, 256),
      fc.integer({ min: 0, max: 2 ** 30 }),
      async (shapes, alignment, pick) => {
        const tensors: MadeTensor[] = shapes.map(({ name, ne }, index) => ({
          name,
          ne,
          type: 24,
          bytes: Buffer.alloc(
            ne.reduce((n, size) => n * size, 1),
            index + 1,
          ),
        }));
        const made = ggufFile({ alignment, fields: [['general.alignment', 'uint32', alignment]], tensors });
        const path = join(folder, `${files++}.gguf`);
        await writeFile(path, made);
        const document = await workspace.open(path);
        const before = await contentOf(path);
        const edits: Edit[] = [{ kind: 'metadata', key: 'k', value: 'v'.repeat(pick % 70) }];
        const victim = tensors[pick % Math.max(1, tensors.length)]?.name;
        if (victim !== undefined && pick % 3 > 0)
          edits.push(
            pick % 3 === 1
              ? { kind: 'delete', select: [victim] }
              : { kind: 'cast', select: [victim], dtype: 'float64' },
          );
        for (const edit of edits) await document.edit(edit);
        await document.save();
        const after = await contentOf(path);
        expect(after.metadata).toEqual({ ...before.metadata, k: 'v'.repeat(pick % 70) });
        const others = (list: readonly unknown[]) =>
          list.filter((tensor) => pick % 3 === 0 || (tensor as unknown[])[0] !== victim);
        expect(others(after.tensors)).toEqual(others(before.tensors));
      },
    ),
    { numRuns: 40 },
  );
});

const python = pythonWith('gguf', 'numpy');

test.skipIf(!python)('gguf-py reads what is written, and quantizes alike', async () => {
  const values = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * i) * 10 ** ((i % 32) / 8));
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  const data = new Uint8Array(values.buffer);
  const names = ['f32', 'f16', 'bf16', 'q8'];
  await writeFile(
    path,
    safetensorsBytes(
      names.map((name) => ({ name, dtype: 'F32', shape: [4, 64], bytes: data })),
      { 'general.architecture': 'llama' },
    ),
  );
  const document = await openWorkspace(folder).open(path, { objects: false });
  await document.edit({ kind: 'cast', select: 'f16', dtype: 'float16' });
  await document.edit({ kind: 'cast', select: 'bf16', dtype: 'bfloat16' });
  await document.edit({ kind: 'cast', select: 'q8', dtype: 'q8_0' });
  const target = join(folder, 'model.gguf');
  await document.exportTo(target);
  const script = `
import gguf, numpy, json, sys
from gguf import GGMLQuantizationType as T
reader = gguf.GGUFReader(sys.argv[1])
source = numpy.frombuffer(bytes.fromhex(sys.argv[2]), numpy.float32).reshape(4, 64)
types = {'f32': T.F32, 'f16': T.F16, 'bf16': T.BF16, 'q8': T.Q8_0}
same = {t.name: bool(numpy.array_equal(t.data.view(numpy.uint8).ravel(), gguf.quants.quantize(source, types[t.name]).view(numpy.uint8).ravel())) and t.tensor_type == types[t.name] and t.shape.tolist() == [64, 4] for t in reader.tensors}
print(json.dumps({'same': same, 'fields': {k: str(f.types[0].name) for k, f in reader.fields.items() if not k.startswith('GGUF.')}}))
`;
  expect(python?.(script, target, Buffer.from(data).toString('hex'))).toEqual({
    same: { f32: true, f16: true, bf16: true, q8: true },
    fields: { 'general.architecture': 'STRING', 'general.quantization_version': 'UINT32' },
  });
});

test('a file that has no blocks says so before a cast to them', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, safetensorsBytes([{ name: 'w', dtype: 'F32', shape: [32], bytes: new Uint8Array(128) }]));
  const document = await openWorkspace(folder).open(path);
  await expect(document.edit({ kind: 'cast', select: 'w', dtype: 'q8_0' })).rejects.toThrow(/Save as GGUF first/);
});
