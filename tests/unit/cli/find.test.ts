import { appendFileSync, copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { float32, safetensorsBytes } from '../workspace/support.ts';
import { runCli, runJson, scratchPath } from './run-cli.ts';

const FILE = scratchPath('odd.safetensors');
writeFileSync(
  FILE,
  safetensorsBytes([
    { name: 'a.weight', dtype: 'F32', shape: [2, 2], bytes: float32(1, 2, Number.NaN, 4) },
    { name: 'b.weight', dtype: 'F32', shape: [2, 1], bytes: float32(3, 3) },
    { name: 'b.bias', dtype: 'F32', shape: [3], bytes: float32(0, 0, 0) },
    { name: 'none', dtype: 'F32', shape: [0], bytes: float32() },
  ]),
);

function names(query: string, status = 0): string[] {
  return (runJson(['find', FILE, query], status) as { name: string }[]).map(({ name }) => name);
}

describe('find', () => {
  test.each([
    ['weight', ['a.weight', 'b.weight']],
    ['shape:2x* -name:a.*', ['b.weight']],
    ['nans>0', ['a.weight']],
    ['range=0', ['b.weight', 'b.bias']],
    ['sparsity:100%', ['b.bias']],
    ['max:nan', ['none']],
  ])('%s: %j', (query, expected) => {
    expect(names(query)).toEqual(expected);
  });

  test('with --json each tensor comes with the statistics that were asked for', () => {
    expect(runJson(['find', FILE, 'mean>2 zeros=0 rank:2'])).toEqual([
      { file: FILE, name: 'a.weight', dtype: 'float32', shape: [2, 2], nbytes: 16, mean: 7 / 3, zeros: 0 },
      { file: FILE, name: 'b.weight', dtype: 'float32', shape: [2, 1], nbytes: 8, mean: 3, zeros: 0 },
    ]);
  });

  test('for people a line each, with the file where there are several', () => {
    const copy = scratchPath('copy.safetensors');
    copyFileSync(FILE, copy);
    expect(runCli('find', FILE, 'nans>0').stdout).toBe('a.weight  float32  (2, 2)  16 B  nans 1\n');
    expect(runCli('find', FILE, copy, 'b.bias').stdout).toBe(
      [FILE, copy].map((file) => `${file}: b.bias  float32  (3,)  12 B\n`).join(''),
    );
  });

  test('nothing found is status 1', () => {
    expect(names('std>100', 1)).toEqual([]);
    expect(runCli('find', FILE, 'nothing-like-it')).toMatchObject({ status: 1, stdout: '' });
  });

  test('a query that is none is wrong usage, with the place', () => {
    const { status, stderr } = runCli('find', FILE, 'a dtype:f17', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'INVALID_ARGUMENT', start: 8, end: 11 });
    expect(runCli('find', FILE).status).toBe(2);
  });

  test('a query may begin with a minus behind --', () => {
    expect(runCli('find', '--json', '--', FILE, '-weight -b.bias').stdout).toContain('none');
  });

  test('what a run has read the next one remembers, until the file changes', () => {
    const state = scratchPath('state/statistics');
    runCli('find', FILE, 'nans>0');
    expect(readdirSync(state).length).toBeGreaterThan(0);
    const changing = scratchPath('changing.safetensors');
    copyFileSync(FILE, changing);
    expect(runCli('find', changing, 'nans>0').status).toBe(0);
    writeFileSync(changing, safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [1], bytes: float32(1) }]));
    expect(runCli('find', changing, 'nans>0').status).toBe(1);
    appendFileSync(changing, 'x');
    expect(runCli('find', changing, 'nans>0').status).toBe(3);
  });

  test('--no-cache leaves nothing behind', () => {
    const copy = scratchPath('unknown.safetensors');
    copyFileSync(FILE, copy);
    const before = readdirSync(scratchPath('state/statistics')).length;
    expect(runCli('find', copy, 'nans>0', '--no-cache').status).toBe(0);
    expect(readdirSync(scratchPath('state/statistics'))).toHaveLength(before);
  });
});

test('stats tells the second time what it told the first time, and computes it anew where it is told to', () => {
  const copy = scratchPath('looked-at.safetensors');
  copyFileSync(FILE, copy);
  const first = runJson(['stats', copy]);
  expect(readdirSync(scratchPath('state/statistics/whole')).length).toBeGreaterThan(0);
  expect(runJson(['stats', copy])).toEqual(first);
  expect(runJson(['stats', copy, '--no-cache'])).toEqual(first);
});
