import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../cli/arguments.ts';
import { EDIT_OPTIONS, madeApart, parseEdits } from '../../../cli/edit-sequence.ts';

const operations = (...words: string[]) => parseEdits(parseCommand(words, EDIT_OPTIONS));

describe('the words of a command', () => {
  test.each([[['-1.safetensors', 'out.safetensors']], [['in.safetensors', 'name', '-1,:4']]])(
    '%j keep their order',
    (words) => {
      expect(parseCommand(words, {}).positionals).toEqual(words);
    },
  );

  test('an option may be given a value that begins with a minus and a digit', () => {
    expect(parseCommand(['in', '-o', '-1.safetensors'], { output: 'string' })).toEqual({
      positionals: ['in'],
      options: [{ name: 'output', value: '-1.safetensors' }],
    });
  });
});

describe('the operations of parascope edit', () => {
  test.each([
    [['--rename', 'a=b'], { kind: 'rename', from: 'a', to: 'b' }],
    [
      ['--copy', 'w=other file.pt:enc.w'],
      {
        kind: 'copy',
        source: { tensor: 'enc.w', file: 'other file.pt' },
        name: 'w',
        collision: 'replace',
        dtype: 'source',
        shape: 'source',
      },
    ],
    [
      ['--init', 'enc.*=xavier(magnitude=2, rnd_type=gaussian, seed=7)'],
      {
        kind: 'reinitialize',
        select: 'enc.*',
        initializer: 'xavier',
        arguments: { magnitude: 2, rnd_type: 'gaussian' },
        seed: 7,
      },
    ],
    [
      ['--init', 'w=["normal", {"sigma": 1}]'],
      { kind: 'reinitialize', select: 'w', initializer: '["normal", {"sigma": 1}]', arguments: {} },
    ],
    [
      ['--compute', 'enc.*=x * 0.5 + b; b=other.pt:{name}'],
      {
        kind: 'compute',
        select: 'enc.*',
        expression: 'x * 0.5 + b',
        sources: { b: { file: 'other.pt', tensor: '{name}' } },
      },
    ],
    [['--reshape', 'w=4,-1'], { kind: 'reshape', name: 'w', shape: [4, -1] }],
    [['--transpose', 'w'], { kind: 'transpose', name: 'w' }],
    [['--transpose', 'w=1,0'], { kind: 'transpose', name: 'w', axes: [1, 0] }],
    [['--slice', 'w[0:4, -1]'], { kind: 'slice', name: 'w', slice: '0:4, -1' }],
    [['--slice', 'head=w[:8]'], { kind: 'slice', name: 'w', slice: ':8', to: 'head' }],
    [
      ['--concatenate', 'qkv=0:q,k,v'],
      { kind: 'concatenate', names: ['q', 'k', 'v'], axis: 0, to: 'qkv', drop: false },
    ],
    [
      ['--split', 'qkv=-1:q:2,k:3'],
      { kind: 'split', name: 'qkv', axis: -1, sizes: [2, 3], names: ['q', 'k'], keep: false },
    ],
    [['--rename', '/^a\\.(\\d+)/=b.$1'], { kind: 'rename-pattern', pattern: '^a\\.(\\d+)', replacement: 'b.$1' }],
    [['--delete', 'a.*'], { kind: 'delete', select: 'a.*' }],
    [['--keep', '*.weight'], { kind: 'keep', select: '*.weight' }],
    [['--cast', 'odd=name=float16'], { kind: 'cast', select: 'odd=name', dtype: 'float16' }],
    [['--fill', 'w=-1'], { kind: 'fill', select: 'w', value: '-1' }],
    [['--scale', '*=1e-3'], { kind: 'scale', select: '*', factor: 1e-3 }],
    [['--set', 'w[0,1]=3.5'], { kind: 'set', name: 'w', slice: '0,1', values: ['3.5'] }],
    [['--set', 'w[a][::2]=1, 2'], { kind: 'set', name: 'w[a]', slice: '::2', values: ['1', '2'] }],
    [['--set', 'scalar=nan'], { kind: 'set', name: 'scalar', slice: '', values: ['nan'] }],
    [['--metadata', 'k=v=w'], { kind: 'metadata', key: 'k', value: 'v=w' }],
    [['--metadata', 'k='], { kind: 'metadata', key: 'k', value: '' }],
    [['--delete-metadata', 'k'], { kind: 'metadata', key: 'k', value: null }],
    [['--tie', 'embed=head,decoder'], { kind: 'tie', names: ['embed', 'head', 'decoder'] }],
    [['--untie', '*.weight'], { kind: 'untie', select: '*.weight' }],
  ])('%j is %j', (words, edit) => {
    expect(operations(...words)).toEqual([edit]);
  });

  test('keep the order of the command line', () => {
    expect(operations('--scale', 'a=2', '--rename', 'a=b', '--scale', 'b=3').map((edit) => edit.kind)).toEqual([
      'scale',
      'rename',
      'scale',
    ]);
  });

  test('--select limits those that follow, until the next', () => {
    const words = ['--scale', 'a=2', '--select', 'dtype:f32', '--cast', '*=bfloat16', '--scale', '*=2'];
    expect(operations(...words, '--select', 'rank:1', '--untie', '*', '--select', '*', '--delete', 'b')).toEqual([
      { kind: 'scale', select: 'a', factor: 2 },
      {
        kind: 'select',
        query: 'dtype:f32',
        edits: [
          { kind: 'cast', select: '*', dtype: 'bfloat16' },
          { kind: 'scale', select: '*', factor: 2 },
        ],
      },
      { kind: 'select', query: 'rank:1', edits: [{ kind: 'untie', select: '*' }] },
      { kind: 'delete', select: 'b' },
    ]);
  });

  test('--apart is said of every edit that tied weights would follow', () => {
    const words = ['--fill', 'a=0', '--delete', 'b', '--select', 'rank:1', '--scale', '*=2'];
    expect(operations(...words).map(madeApart)).toMatchObject([
      { kind: 'fill', apart: true },
      { kind: 'delete', select: 'b' },
      { kind: 'select', edits: [{ kind: 'scale', apart: true }] },
    ]);
  });

  test.each([
    [['--select', 'rank:1'], /--select 'rank:1' has no operation behind it/],
    [['--select', 'rank:1', '--rename', 'a=b'], /--rename .* put --select '\*' before it/],
    [['--select', 'rank:1', '--tie', 'a=b'], /--tie .* cannot be limited/],
    [['--tie', 'a'], /NAME=NAME/],
    [['--rename', 'a'], /OLD=NEW/],
    [['--rename', '=b'], /OLD=NEW/],
    [['--cast', 'a=float17'], /--cast/],
    [['--scale', 'a=two'], /number/],
    [['--set', 'w[0]='], /--set wants a value after = and between commas, not ''/],
    [['--set', 'w=1,,2'], /between commas/],
    [['--fill', 'w='], /--fill 'w='/],
    [['--set', '[0]'], /NAME\[SLICE\]=VALUE/],
  ])('%j is refused with what it wants', (words, message) => {
    expect(() => operations(...words)).toThrow(message);
  });

  test('an unknown option is refused by name', () => {
    expect(() => operations('--rotate', 'a')).toThrow(/--rotate/);
  });
});
