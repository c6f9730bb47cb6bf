import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli, runJson, scratchPath } from './run-cli.ts';

describe('spectrum', () => {
  const path = scratchPath('two-matrices.npy');

  beforeAll(() => {
    const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2, 3), }".padEnd(117);
    const values = Float64Array.of(3, 0, 0, 0, 4, 0, 1, 1, 1, 1, Number.NaN, 1);
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1'), Buffer.from(values.buffer)]),
    );
  });

  test('of a matrix that a slice picks, as JSON and for people', () => {
    const found = runJson(['spectrum', path, 'two-matrices', '0,:,:']);
    expect(found).toMatchObject({
      name: 'two-matrices',
      dtype: 'float64',
      rows: 2,
      columns: 3,
      method: 'exact',
      values: [4, 3],
      frobenius: 5,
      captured: 1,
      stableRank: 25 / 16,
      rank90: 2,
      numericalRank: 2,
      condition: 4 / 3,
    });
    const { stdout } = runCli('spectrum', path, 'two-matrices', '0', '--count', '1');
    expect(stdout).toMatch(/^matrix +2 × 3\nsingular values +1 of 2, exact\n/);
    expect(stdout).toMatch(/energy captured +0.64\n/);
    expect(stdout).toMatch(/\n +value +error\n1 +4 +\S+\n$/);
  });

  test('says what is no matrix, and where values are not finite', () => {
    const whole = runCli('spectrum', path, 'two-matrices');
    expect(whole.status).toBe(2);
    expect(whole.stderr).toContain('name two whole axes and an index for each other one, such as 0,:,:');
    expect(runCli('spectrum', path, 'two-matrices', '0,:,:2').status).toBe(2);
    const nan = runCli('spectrum', path, 'two-matrices', '1');
    expect(nan.status).toBe(4);
    expect(nan.stderr).toContain('1 of its elements are not finite, the first at [1, 1, 1]');
  });
});
