import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import type { EditInput } from '../../../core/workspace/edits.ts';
import { parseScript } from '../../../core/workspace/script-files.ts';
import {
  float32,
  float32Values,
  namesOf,
  openSmall,
  openWorkspace,
  readSafetensors,
  safetensorsBytes,
  scratchFolder,
} from './support.ts';

interface Opened {
  readonly workspace: Workspace;
  readonly document: Document;
}

async function valuesOf({ document, workspace }: Opened, name: string): Promise<number[]> {
  const tensor = document.lazy(document.idOf(name));
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  return float32Values(await workspace.engine.read(tensor, 0, count));
}

function shapeOf(document: Document, name: string): readonly number[] {
  return document.listing().shapes[namesOf(document).indexOf(name)] ?? [];
}

interface Case {
  readonly edits: readonly EditInput[];
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const W = 'layer.0.weight';

const cases: readonly Case[] = [
  { edits: [{ kind: 'reshape', name: W, shape: [3, -1] }], name: W, shape: [3, 2], values: [1, 2, 3, 4, 5, 6] },
  { edits: [{ kind: 'transpose', name: W }], name: W, shape: [3, 2], values: [1, 4, 2, 5, 3, 6] },
  { edits: [{ kind: 'slice', name: W, slice: ':, ::-2' }], name: W, shape: [2, 2], values: [3, 1, 6, 4] },
  { edits: [{ kind: 'slice', name: W, slice: '1', to: 'row' }], name: 'row', shape: [3], values: [4, 5, 6] },
  {
    edits: [
      { kind: 'set', name: W, slice: '0,0', values: ['10'] },
      { kind: 'transpose', name: W, axes: [1, 0] },
      { kind: 'scale', select: W, factor: 2 },
      { kind: 'reshape', name: W, shape: [6] },
      { kind: 'set', name: W, slice: '-1', values: ['7'] },
    ],
    name: W,
    shape: [6],
    values: [20, 8, 4, 10, 6, 7],
  },
  {
    edits: [{ kind: 'concatenate', names: [W, W], axis: 1, to: 'both' }],
    name: 'both',
    shape: [2, 6],
    values: [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6],
  },
  {
    edits: [
      { kind: 'fill', select: 'layer.0.bias', value: '9' },
      { kind: 'reshape', name: 'layer.0.bias', shape: [1, 3] },
      { kind: 'concatenate', names: [W, 'layer.0.bias'], axis: 0, to: W.replace('0', '1'), drop: true },
    ],
    name: 'layer.1.weight',
    shape: [3, 3],
    values: [1, 2, 3, 4, 5, 6, 9, 9, 9],
  },
  {
    edits: [{ kind: 'split', name: W, axis: 1, sizes: [1, 2], names: ['a', W] }],
    name: W,
    shape: [2, 2],
    values: [2, 3, 5, 6],
  },
  {
    edits: [
      { kind: 'scale', select: W, factor: 3 },
      { kind: 'copy', source: { tensor: W }, name: 'twin' },
      { kind: 'fill', select: W, value: '0' },
    ],
    name: 'twin',
    shape: [2, 3],
    values: [3, 6, 9, 12, 15, 18],
  },
];

describe('values made of others', () => {
  test.each(cases)('$edits', async ({ edits, name, shape, values }) => {
    const opened = await openSmall();
    const { document, path, original } = opened;
    for (const edit of edits) await document.edit(edit);
    expect(shapeOf(document, name)).toEqual(shape);
    expect(await valuesOf(opened, name)).toEqual(values);
    const listed = [...namesOf(document)];
    for (const _ of edits) await document.undo();
    expect(namesOf(document)).toEqual(['layer.0.weight', 'layer.0.bias', 'steps', 'mask']);
    expect(await valuesOf(opened, W)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const _ of edits) await document.redo();
    await document.save();
    const { tensors } = await readSafetensors(path);
    expect([...tensors.keys()].sort()).toEqual(listed.sort());
    expect(tensors.get(name)?.shape).toEqual(shape);
    expect(float32Values(tensors.get(name)?.bytes ?? new Uint8Array())).toEqual(values);
    expect(await valuesOf(opened, name)).toEqual(values);
    expect(original.length).toBeGreaterThan(0);
  });

  test('an exported script makes the same bits of another open copy', async () => {
    const folder = await scratchFolder();
    const { document, path } = await openSmall();
    await document.edit({ kind: 'reinitialize', select: 'layer.*', initializer: 'normal', arguments: { sigma: 2 } });
    await document.edit({ kind: 'concatenate', names: ['layer.0.bias', 'layer.0.bias'], axis: 0, to: 'twice' });
    const script = document.exportEdits();
    await document.exportTo(join(folder, 'a.safetensors'));
    expect(script.edits[0]).toMatchObject({ seed: expect.any(Number) });
    const again = await openWorkspace(folder).open(path);
    for (const edit of script.edits) await again.edit(edit);
    await again.exportTo(join(folder, 'b.safetensors'));
    const [a, b] = await Promise.all(['a', 'b'].map((name) => readFile(join(folder, `${name}.safetensors`))));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  });
});

test('edits of the journal that a killed process left are done again, and draw the same bits', async () => {
  const folder = await scratchFolder();
  const { document, path } = await openSmall();
  await document.edit({ kind: 'rename', from: 'mask', to: 'm' });
  const killed = openWorkspace(folder);
  const left = await killed.open(path);
  await left.edit({ kind: 'reinitialize', select: W, initializer: 'xavier', arguments: { magnitude: 2 } });
  await left.edit({ kind: 'transpose', name: W });
  const before = await killed.engine.hash(left.lazy(left.idOf(W)));
  // Closing keeps the journal of what is unsaved, as a kill does.
  await killed.close();
  const next = openWorkspace(folder);
  const resumed = await next.open(path);
  await resumed.resume();
  expect(shapeOf(resumed, W)).toEqual([3, 2]);
  expect(await next.engine.hash(resumed.lazy(resumed.idOf(W)))).toBe(before);
});

describe('expressions', () => {
  const computed: [expression: string, values: number[]][] = [
    ['x * 0.5 + 1', [1.5, 2, 2.5, 3, 3.5, 4]],
    ['-x ** 2', [-1, -4, -9, -16, -25, -36]],
    ['2 ** -x * 64', [32, 16, 8, 4, 2, 1]],
    ['x + "layer.0.bias"', [1.5, 1.5, 3, 4.5, 4.5, 6]],
    ["x - '{name}' / 2", [0.5, 1, 1.5, 2, 2.5, 3]],
    ['clip(x, 2, 5) + "steps"', [14, 14, 15, 16, 17, 17]],
    ['max(sqrt(abs(-x * x)), 3)', [3, 3, 3, 4, 5, 6]],
    ['log(exp(1)) + (x - x)', [1, 1, 1, 1, 1, 1]],
    ['7', [7, 7, 7, 7, 7, 7]],
  ];
  test.each(computed)('%s', async (expression, values) => {
    const opened = await openSmall();
    await opened.document.edit({ kind: 'compute', select: W, expression });
    expect(await valuesOf(opened, W)).toEqual(values);
    await opened.document.save();
    expect(await valuesOf(opened, W)).toEqual(values);
  });

  test('round once, to the dtype of the tensor, and take tensors of other files', async () => {
    const opened = await openSmall();
    const other = join(opened.folder, 'other.safetensors');
    const bytes = float32(0.5, 0.25, 0.75);
    await writeFile(other, safetensorsBytes([{ name: 'x.layer.0.bias', dtype: 'F32', shape: [3], bytes }]));
    const sources = { b: { tensor: 'x.{name}', file: other } };
    await opened.document.edit({ kind: 'compute', select: 'layer.0.b*', expression: 'x + b * 2', sources });
    expect(await valuesOf(opened, 'layer.0.bias')).toEqual([1.5, 0, 1.5]);
    await opened.document.edit({ kind: 'compute', select: 'steps', expression: 'x / 5' });
    await opened.document.save();
    const { tensors } = await readSafetensors(opened.path);
    expect(tensors.get('steps')).toMatchObject({ dtype: 'I64', bytes: Buffer.from(BigInt64Array.of(2n).buffer) });
  });

  const refused: [expression: string, message: RegExp][] = [
    ['x +', /Expected a number, a tensor or a function in 'x \+', found its end/],
    ['x y', /found 'y' at 2/],
    ['sin(x)', /no function sin of 1/],
    ['w + 1', /Nothing is called w here/],
    ['x + "mask"', /do not broadcast to one/],
    ['x + "nobody"', /no tensor named 'nobody'/],
    ['x § 2', /cannot be read from character/],
    ['('.repeat(100), /nested too deeply/],
  ];
  test.each(refused)('%s is refused', async (expression, message) => {
    const { document } = await openSmall();
    await expect(document.edit({ kind: 'compute', select: W, expression })).rejects.toThrow(message);
  });
});

describe('copies from other files', () => {
  async function withOther(): Promise<Awaited<ReturnType<typeof openSmall>> & { other: string }> {
    const opened = await openSmall();
    const other = join(opened.folder, 'other.safetensors');
    const bytes = float32(7, 8, 9, 10, 11, 12);
    await writeFile(other, safetensorsBytes([{ name: 'w', dtype: 'F32', shape: [3, 2], bytes }]));
    return { ...opened, other };
  }

  test('take shape and dtype of the source, or of what they replace', async () => {
    const opened = await withOther();
    const { document, path, other } = opened;
    const source = { tensor: 'w', file: other };
    await expect(document.edit({ kind: 'copy', source, name: 'steps' })).rejects.toThrow(/already: replace it/);
    await document.edit({ kind: 'copy', source, name: 'w' });
    await document.edit({ kind: 'copy', source, name: W, collision: 'replace', shape: 'target' });
    await document.edit({ kind: 'copy', source, name: 'w', collision: 'rename', dtype: 'float64' });
    expect(namesOf(document)).toEqual([W, 'layer.0.bias', 'steps', 'mask', 'w', 'w_2']);
    expect(shapeOf(document, W)).toEqual([2, 3]);
    expect(await valuesOf(opened, W)).toEqual([7, 8, 9, 10, 11, 12]);
    await document.save();
    const { tensors } = await readSafetensors(path);
    expect(tensors.get('w_2')?.dtype).toBe('F64');
    expect(float32Values(tensors.get('w')?.bytes ?? new Uint8Array())).toEqual([7, 8, 9, 10, 11, 12]);
  });

  test('from an open document: by its id, with the edits that are not saved', async () => {
    const opened = await withOther();
    const { document, workspace, other } = opened;
    const donor = await workspace.open(other);
    await donor.edit({ kind: 'rename', from: 'w', to: 'v' });
    await document.edit({ kind: 'copy', source: { tensor: 'v', document: donor.id }, name: 'v' });
    expect(document.exportEdits().edits).toMatchObject([{ source: { tensor: 'w', file: 'other.safetensors' } }]);
    await donor.edit({ kind: 'scale', select: 'v', factor: 2 });
    await donor.edit({ kind: 'copy', source: { tensor: 'layer.0.bias', document: document.id }, name: 'bias' });
    await document.edit({ kind: 'copy', source: { tensor: 'v', document: donor.id }, name: 'u' });
    await document.edit({
      kind: 'compute',
      select: 'layer.0.bias',
      expression: 'x + b',
      sources: { b: { tensor: 'bias', document: donor.id } },
    });
    await donor.edit({ kind: 'fill', select: 'v', value: '0' });
    expect(document.history().map(({ label }) => label)).toEqual([
      'Copy w of other.safetensors to v',
      'Copy v of other.safetensors to u',
      'Set layer.0.bias to x + b',
    ]);
    expect(await valuesOf(opened, 'u')).toEqual([14, 16, 18, 20, 22, 24]);
    expect(await valuesOf(opened, 'layer.0.bias')).toEqual([1, -1, 0]);
  });

  test('of edited values come back from the journal, and from a script beside the files', async () => {
    const { document, workspace, other, path, folder } = await withOther();
    const donor = await workspace.open(other);
    await donor.edit({ kind: 'batch', edits: [{ kind: 'scale', select: 'w', factor: 2 }] });
    await donor.edit({ kind: 'transpose', name: 'w' });
    const edits = ['w', 'w'].map((tensor, i) => ({
      kind: 'copy' as const,
      source: { tensor, document: donor.id },
      name: `w${i}`,
    }));
    await document.edit({ kind: 'batch', label: 'Copy 2 tensors', edits });
    await document.saveEdits(join(folder, 'edits.json'));
    const script = await readFile(join(folder, 'edits.json'), 'utf8');
    await workspace.close();
    const again = openWorkspace(folder);
    const resumed = await again.open(path);
    await resumed.resume();
    const replayed = await again.open(other);
    for (const edit of parseScript(script, join(folder, 'edits.json'))) await replayed.edit(edit);
    expect(script).not.toContain(folder);
    for (const found of [resumed, replayed]) {
      expect(shapeOf(found, 'w1')).toEqual([2, 3]);
      expect(await valuesOf({ workspace: again, document: found }, 'w1')).toEqual([14, 18, 22, 16, 20, 24]);
    }
  });

  test('keep the file that they were copied from as it is until they are saved', async () => {
    const { document, workspace, other } = await withOther();
    const donor = await workspace.open(other);
    await donor.edit({ kind: 'scale', select: 'w', factor: 2 });
    await document.edit({ kind: 'copy', source: { tensor: 'w', document: donor.id }, name: 'w' });
    await expect(donor.save()).rejects.toThrow(/^model\.safetensors has unsaved tensors that were copied from other/);
    expect(donor.summary().dirty).toBe(true);
    await document.save();
    await donor.save();
    expect(await valuesOf({ workspace, document }, 'w')).toEqual([14, 16, 18, 20, 22, 24]);
  });

  test('a file that changed since is refused', async () => {
    const { document, workspace, other } = await withOther();
    await document.edit({ kind: 'copy', source: { tensor: 'w', file: other }, name: 'w' });
    await utimes(other, 1, 1);
    await expect(workspace.engine.hash(document.lazy(document.idOf('w')))).rejects.toThrow(/no longer the file/);
    await expect(document.save()).rejects.toThrow(/changed|no longer/);
  });
});

test('a replacement in names shows what it would do, and what stands against it', async () => {
  const { document } = await openSmall();
  expect(await document.previewRename({ pattern: '^layer\\.0\\.', replacement: 'enc.' })).toEqual({
    renamed: 2,
    tensors: 4,
    problems: 0,
    pairs: [
      { from: W, to: 'enc.weight', problem: null },
      { from: 'layer.0.bias', to: 'enc.bias', problem: null },
    ],
    objection: null,
  });
  const colliding = await document.previewRename({ pattern: '.*', replacement: 'mask' });
  expect(colliding).toMatchObject({
    renamed: 3,
    problems: 3,
    pairs: [{ problem: expect.stringContaining('there is a tensor of that name') }, {}, {}],
  });
  expect(await document.previewRename({ pattern: 'nothing', replacement: '' })).toMatchObject({
    renamed: 0,
    pairs: [],
  });
  await expect(document.previewRename({ pattern: '(', replacement: '' })).rejects.toThrow(/no regular expression/);
  expect(document.history()).toEqual([]);
});

describe('what cannot be done is said', () => {
  const refused: [EditInput, RegExp][] = [
    [{ kind: 'reshape', name: W, shape: [4, -1] }, /6 elements of shape \(2, 3\) cannot be reshaped/],
    [{ kind: 'reshape', name: W, shape: [-1, -1] }, /Only one size/],
    [{ kind: 'transpose', name: W, axes: [0, 0] }, /does not name each of the 2 axes/],
    [{ kind: 'concatenate', names: [W, 'layer.0.bias'], axis: 0, to: 'x' }, /differ beside axis 0/],
    [{ kind: 'concatenate', names: [W, 'steps'], axis: 0, to: 'x' }, /is float32 and 'steps' is int64/],
    [{ kind: 'concatenate', names: [W], axis: 2, to: 'x' }, /no axis 2/],
    [{ kind: 'concatenate', names: [W, W], axis: 0, to: 'mask' }, /There is a tensor named 'mask' already/],
    [{ kind: 'split', name: W, axis: 0, sizes: [1], names: ['x'] }, /add up to 1; axis 0 .* has 2/],
    [{ kind: 'split', name: W, axis: 0, sizes: [1, 1], names: ['x', 'x'] }, /Two parts/],
    [{ kind: 'reinitialize', select: 'nothing*', initializer: 'zero' }, /matches none/],
    [{ kind: 'reinitialize', select: W, initializer: 'gaussianish' }, /is not registered/],
    [{ kind: 'copy', source: { tensor: 'nothing' }, name: 'x' }, /no tensor named 'nothing'/],
    [{ kind: 'copy', source: { tensor: W }, name: 'x', shape: 'target' }, /no tensor 'x' whose shape/],
  ];

  test.each(refused)('%j', async (edit, message) => {
    const { document } = await openSmall();
    await expect(document.edit(edit)).rejects.toThrow(message);
    expect(document.history()).toEqual([]);
  });
});
