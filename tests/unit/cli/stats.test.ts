import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli, runJson, scratchPath } from './run-cli.ts';

describe('stats', () => {
  const path = scratchPath('matrix.npy');
  const values = Float32Array.of(0, 0, 0, 0, 1, -2, 4, 8, Number.NaN, 16, 32, 64);

  beforeAll(() => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 2), }".padEnd(117);
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1'), Buffer.from(values.buffer)]),
    );
  });

  test('has a histogram over any axis and range, and says what is in no bin', () => {
    const log = runJson(['stats', path, '--axis', 'log', '--bins', '6']) as Report;
    expect(log.matrix.histogram).toMatchObject({
      scale: 'log',
      counts: [1, 0, 1, 1, 1, 2],
      zeros: 4,
      negatives: 1,
      nans: 1,
    });
    const given = runJson(['stats', path, '--range', '-1,4', '--bins', '5']) as Report;
    expect(given.matrix.histogram).toMatchObject({
      edges: [-1, 0, 1, 2, 3, 4],
      counts: [0, 4, 1, 0, 1],
      below: 1,
      above: 4,
    });
    expect(runCli('stats', path, '--range', '-1,4', '--bins', '5').stdout).toContain(
      'In no bin: 1 below, 4 above, 1 nans.',
    );
  });

  test('has the quantiles that are asked for, exact ones on demand', () => {
    const { matrix } = runJson(['stats', path, '--quantiles', '0.1,0.5,1', '--exact']) as Report;
    expect(matrix.quantiles.map(({ q, value }) => [q, value])).toEqual([
      [0.1, 0],
      [0.5, 1],
      [1, 64],
    ]);
    expect(matrix.quantiles.every(({ low, high, value }) => low === value && high === value)).toBe(true);
  });

  test('has the norms of rows and of columns, the first axis against all others', () => {
    const rows = (runJson(['stats', path, '--norms', 'rows']) as Report).matrix.norms;
    expect(rows).toEqual({
      lines: 'rows',
      shape: [3, 4],
      l2: [0, Math.sqrt(85), Math.sqrt(256 + 1024 + 4096)],
      maxAbs: [0, 8, 64],
      nonFinite: [0, 0, 1],
    });
    expect((runJson(['stats', path, '--norms', 'columns']) as Report).matrix.norms.maxAbs).toEqual([1, 16, 32, 64]);
    const text = runCli('stats', path, '--norms', 'rows').stdout;
    expect(text).toContain('All zero: 1 (0)');
    expect(text).toContain('With NaN or Inf: 1 (2)');
  });

  for (const [option, value] of [
    ['--axis', 'cubic'],
    ['--range', '4,-1'],
    ['--range', '1,2,3'],
    ['--range', 'wide'],
    ['--quantiles', '0.1,half'],
    ['--quantiles', '1.5'],
    ['--norms', 'diagonals'],
    ['--threshold', '0'],
    ['--bins', '0'],
  ] as const) {
    test(`refuses ${option} ${value} in one line`, () => {
      const { status, stderr } = runCli('stats', path, option, value);
      expect(status).toBe(2);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    });
  }
});

interface Report {
  readonly matrix: {
    readonly histogram: unknown;
    readonly quantiles: readonly {
      readonly q: number;
      readonly value: number;
      readonly low: number;
      readonly high: number;
    }[];
    readonly norms: { readonly maxAbs: readonly number[] };
  };
}
