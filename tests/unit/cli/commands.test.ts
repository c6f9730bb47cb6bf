import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, openSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLI, runCli, runJson, scratchPath } from './run-cli.ts';

const SAMPLE = 'assets/sample.safetensors';

describe('reading commands', () => {
  test('inspect lists the tensors in file order with dtype, shape and bytes', () => {
    const { format, metadata, tensors } = runJson(['inspect', SAMPLE]) as {
      format: string;
      metadata: Record<string, string>;
      tensors: { name: string; dtype: string; shape: number[]; nbytes: number }[];
    };
    expect(format).toBe('safetensors');
    expect(metadata.model).toBe('parascope-sample');
    expect(tensors).toHaveLength(38);
    expect(tensors[0]).toEqual({ name: 'model.position_ids', dtype: 'int64', shape: [1, 128], nbytes: 1024 });
  });

  test('inspect for people shows the first 100 and says how many more there are', () => {
    const { stdout, status } = runCli('inspect', '../shared/fixtures/safetensors/many_20000.safetensors');
    if (status === 3) return; // Only where ../shared exists.
    expect(stdout).toContain('20,000 tensors');
    expect(stdout).toContain('and 19,900 more');
  });

  test('values gives nested lists as NumPy does, 64-bit integers as strings', () => {
    expect(runJson(['values', SAMPLE, 'model.position_ids', '0,:3'])).toEqual({
      name: 'model.position_ids',
      dtype: 'int64',
      shape: [3],
      values: ['0', '1', '2'],
    });
    expect(runJson(['values', SAMPLE, 'vision.mask', '7:,-2:'])).toMatchObject({
      shape: [1, 2],
      values: [[false, false]],
    });
    expect(runJson(['values', SAMPLE, 'model.position_ids', '-1,-2:'])).toMatchObject({ values: ['126', '127'] });
    expect(runJson(['values', SAMPLE, 'logit_scale'])).toEqual({
      name: 'logit_scale',
      dtype: 'float32',
      shape: [],
      values: Math.fround(Math.log(100)),
    });
  });

  test('stats of chosen tensors, with the bins that are asked for', () => {
    const result = runJson(['stats', SAMPLE, '--tensor', 'vision.mask', '--bins', '4']) as Record<
      string,
      { count: number; histogram: { edges: number[]; counts: number[] } }
    >;
    expect(Object.keys(result)).toEqual(['vision.mask']);
    expect(result['vision.mask']?.count).toBe(64);
    expect(result['vision.mask']?.histogram.edges).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  test('devices lists cpu(0) first', () => {
    const [first] = runJson(['devices']) as unknown[];
    expect(first).toMatchObject({ device: 'cpu(0)', backend: 'cpu' });
  });
});

describe('edit, diff and convert', () => {
  beforeAll(() => copyFileSync(SAMPLE, scratchPath('a.safetensors')));

  test('convert without edits gives a byte-identical file', () => {
    expect(runCli('convert', SAMPLE, scratchPath('copy.safetensors')).status).toBe(0);
    expect(readFileSync(scratchPath('copy.safetensors')).equals(readFileSync(SAMPLE))).toBe(true);
  });

  test('rename and rename back gives the first file again', () => {
    const there = scratchPath('renamed.safetensors');
    const back = scratchPath('back.safetensors');
    runJson(['edit', SAMPLE, '-o', there, '--rename', 'lm_head.weight=output_projection.weight']);
    expect((runJson(['hash', there]) as Record<string, string>)['output_projection.weight']).toMatch(/^[0-9a-f]{64}$/);
    runJson(['edit', there, '-o', back, '--rename', 'output_projection.weight=lm_head.weight']);
    expect(readFileSync(back).equals(readFileSync(SAMPLE))).toBe(true);
  });

  test('set changes those bytes alone, and diff finds them', () => {
    const out = scratchPath('set.safetensors');
    runJson(['edit', SAMPLE, '-o', out, '--set', 'vision.norm.bias[3]=0.25']);
    const before = readFileSync(SAMPLE);
    const after = readFileSync(out);
    const changed = [...before.keys()].filter((i) => before[i] !== after[i]);
    expect(after.byteLength).toBe(before.byteLength);
    expect(changed.length).toBeLessThanOrEqual(4);
    expect(runJson(['diff', SAMPLE, out], 1)).toMatchObject({
      added: [],
      removed: [],
      changed: [{ name: 'vision.norm.bias', kind: 'value', changedCount: 1 }],
      identical: false,
    });
  });

  // A bundle that renames classes would no longer know them.
  test.each(['uniform', 'normal', 'xavier', 'msraprelu', 'orthogonal', 'zero', 'one', 'constant(value=2)'])(
    'init by the name %s',
    (initializer) => {
      const out = scratchPath('initialized.safetensors');
      runJson(['edit', SAMPLE, '-o', out, '--init', `vision.projector.weight=${initializer}`]);
      expect(runJson(['diff', SAMPLE, out], 1)).toMatchObject({ changed: [{ name: 'vision.projector.weight' }] });
    },
  );

  test('in place: a chain of operations in the order given', () => {
    const file = scratchPath('a.safetensors');
    runJson([
      'edit',
      file,
      '--in-place',
      '--fill',
      'vision.norm.*=2',
      '--scale',
      'vision.norm.bias=-1.5',
      '--cast',
      'vision.norm.bias=float16',
      '--delete',
      'model.*',
      '--metadata',
      'note=short',
      '--delete-metadata',
      'format',
    ]);
    expect(runJson(['values', file, 'vision.norm.bias', ':2'])).toMatchObject({ dtype: 'float16', values: [-3, -3] });
    const { tensors, metadata } = runJson(['inspect', file]) as { tensors: { name: string }[]; metadata: object };
    expect(tensors.some(({ name }) => name.startsWith('model.'))).toBe(false);
    expect(metadata).toEqual({ model: 'parascope-sample', license: 'Apache-2.0', note: 'short' });
  });

  test('diff of equal files has status 0', () => {
    expect(runJson(['diff', SAMPLE, SAMPLE])).toEqual({
      added: [],
      removed: [],
      renamed: [],
      changed: [],
      metadata: { added: [], removed: [], changed: [] },
      identical: true,
    });
  });

  test('diff tells dtypes, names and metadata apart', () => {
    const out = scratchPath('other.safetensors');
    runJson(['edit', SAMPLE, '-o', out, '--cast', 'logit_scale=float64', '--rename', 'vision.mask=vision.mask2']);
    expect(runJson(['diff', SAMPLE, out], 1)).toMatchObject({
      added: [],
      removed: [],
      renamed: [{ from: 'vision.mask', to: 'vision.mask2' }],
      changed: [{ name: 'logit_scale', kind: 'dtype', changedCount: 0 }],
    });
  });

  test('diff says where, what a tolerance leaves, and of metadata; for people as a table', () => {
    const out = scratchPath('near.safetensors');
    const norm = 'vision.norm.weight';
    runJson(['edit', SAMPLE, '-o', out, '--set', `${norm}[3]=9`, '--delete', 'logit_scale', '--metadata', 'epoch=3']);
    const { changed, ...rest } = runJson(['diff', SAMPLE, out], 1) as { changed: object[] };
    expect(changed).toMatchObject([{ name: norm, firstIndex: 3, maxIndex: 3, nans: { a: 0, b: 0, both: 0 } }]);
    expect(rest).toMatchObject({ removed: ['logit_scale'], metadata: { added: ['epoch'], removed: [], changed: [] } });
    const tolerant = runJson(['diff', SAMPLE, out, '--tolerance', '100'], 1);
    expect(tolerant).toMatchObject({ changed: [], within: [{ name: norm, kind: 'value' }], identical: false });
    const { stdout, status } = runCli('diff', SAMPLE, out);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ {3}name +change +changed +max/);
    expect(stdout).toMatch(/- +logit_scale +removed\n~ +vision\.norm\.weight +values +1 .* \[3\] +\[3\]\n/);
    expect(stdout).toMatch(/\+ metadata epoch\n/);
    expect(stdout).toMatch(/1 changed, 1 removed, 36 identical\.\n$/);
    const only = scratchPath('only.safetensors');
    runJson(['edit', SAMPLE, '-o', only, '--set', `${norm}[3]=9`]);
    expect(runCli('diff', SAMPLE, only, '--rtol', '20').status).toBe(0);
    expect(runCli('diff', SAMPLE, only, '--tolerance', '-1').status).toBe(2);
  });
});

describe('what is wrong is said once, with the promised status', () => {
  test.each([
    [['nonsense'], 2, /no command 'nonsense'/],
    [['inspect'], 2, /Missing FILE/],
    [['edit', SAMPLE, '--fill', 'a=1'], 2, /-o OUT or --in-place/],
    [['edit', SAMPLE, '-o', SAMPLE, '--fill', 'a=1'], 2, /--in-place/],
    [['edit', SAMPLE, '-o', '/tmp/never.safetensors'], 2, /at least one operation/],
    [['convert', SAMPLE, 'x.tflite'], 2, /writes safetensors/],
    [['values', SAMPLE, 'logit_scale', '0'], 2, /ind/],
    [['inspect', '/nonexistent.safetensors'], 3, /nonexistent/],
    [['inspect', '/'], 3, /folder|directory/],
    [['values', SAMPLE, 'no.such.tensor'], 4, /no tensor named 'no.such.tensor'/],
    [['edit', SAMPLE, '-o', '/tmp/never.safetensors', '--delete', 'zzz*'], 4, /zzz/],
    [
      ['edit', SAMPLE, '-o', '/tmp/never.TFLITE', '--delete', 'logit_scale'],
      2,
      /never.TFLITE has the ending of a format/,
    ],
    [['edit', SAMPLE, '-o', '/tmp', '--delete', 'logit_scale'], 4, /tmp is a folder or a device.*another name/],
    [['convert', SAMPLE, '/nonexistent/x.safetensors'], 4, /no folder named 'nonexistent'/],
  ])('%j: status %i', (args, status, message) => {
    const result = runCli(...args);
    expect([result.status, result.stdout]).toEqual([status, '']);
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('an output that cannot be written is said in one line, and is no difference', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'inspect', SAMPLE], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect(stderr).toBe('parascope: The output cannot be written: ENOSPC: no space left on device, write.\n');
    expect(status).toBe(4);
  });

  test('a stderr that cannot be written does not change the status', () => {
    const full = openSync('/dev/full', 'w');
    const stdio = ['ignore', 'ignore', full] as const;
    const { status } = spawnSync(process.execPath, [CLI, 'inspect', '/nonexistent.safetensors'], { stdio: [...stdio] });
    closeSync(full);
    expect(status).toBe(3);
  });

  test('with --json the error is JSON on stderr', () => {
    const { stderr, status } = runCli('inspect', '/nonexistent.safetensors', '--json');
    expect(status).toBe(3);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'FILE_ACCESS', message: expect.stringContaining('nonexistent') },
    });
  });
});
