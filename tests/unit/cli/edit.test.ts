import { describe, expect, test } from 'vitest';
import { runCli, runJson, scratchPath } from './run-cli.ts';

const SAMPLE = 'assets/sample.safetensors';

interface Inspected {
  readonly tensors: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[];
}

describe('parascope edit', () => {
  test('--select limits the operations behind it to what the query finds', () => {
    const before = (runJson(['inspect', SAMPLE]) as Inspected).tensors;
    const out = scratchPath('selected.safetensors');
    const words = [
      '--select',
      'dtype:f32 name:*.weight',
      '--cast',
      '*=float16',
      '--select',
      '*',
      '--delete',
      'logit_scale',
    ];
    runJson(['edit', SAMPLE, '-o', out, ...words]);
    const { tensors } = runJson(['inspect', out]) as Inspected;
    const expected = before
      .filter(({ name }) => name !== 'logit_scale')
      .map(({ name, dtype }) => [name, dtype === 'float32' && name.endsWith('.weight') ? 'float16' : dtype]);
    expect(tensors.map(({ name, dtype }) => [name, dtype]).sort()).toEqual(expected.sort());
    expect(expected.some(([, dtype]) => dtype === 'float16')).toBe(true);
  });

  test('--select of nothing fails, and writes nothing', () => {
    const out = scratchPath('nothing.safetensors');
    const run = runCli('edit', SAMPLE, '-o', out, '--select', 'rank:9', '--delete', '*');
    expect(run).toMatchObject({ status: 4, stdout: '' });
    expect(run.stderr).toMatch(/Nothing meets 'rank=9'/);
    expect(runCli('inspect', out).status).toBe(3);
  });

  test('--tie makes one value of two, --untie and --apart end that', () => {
    const { tensors } = runJson(['inspect', SAMPLE]) as Inspected;
    const [first, second] = sameKind(tensors);
    const tied = scratchPath('tied.pt');
    runJson(['edit', SAMPLE, '-o', tied, '--tie', `${first}=${second}`]);
    const hashes = runJson(['hash', tied]) as Record<string, string>;
    expect(hashes[second]).toBe(hashes[first]);
    const together = scratchPath('together.pt');
    runJson(['edit', tied, '-o', together, '--fill', `${second}=0`]);
    for (const [words, name] of [
      [['--untie', second, '--fill', `${second}=0`], 'untied.pt'],
      [['--apart', '--fill', `${second}=0`], 'apart.pt'],
    ] as const) {
      runJson(['edit', tied, '-o', scratchPath(name), ...words]);
      const after = runJson(['hash', scratchPath(name)]) as Record<string, string>;
      expect(after[first]).toBe(hashes[first]);
      expect(after[second]).toBe((runJson(['hash', together]) as Record<string, string>)[first]);
    }
  });
});

/** Names of two tensors that could be tied. */
function sameKind(tensors: Inspected['tensors']): [string, string] {
  for (const [i, { name, dtype, shape }] of tensors.entries()) {
    const other = tensors.slice(i + 1).find((tensor) => tensor.dtype === dtype && `${tensor.shape}` === `${shape}`);
    if (other) return [name, other.name];
  }
  throw new Error('The sample has no two tensors of one kind.');
}
