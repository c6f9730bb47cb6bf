import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as library from '../../../core/index.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const TABLE = join(root, '../shared/parity/parity.md');
const ROWS: readonly string[] = JSON.parse(readFileSync(new URL('parity-rows.json', import.meta.url), 'utf8'));

function script(...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'scripts/parity-coverage.mjs'), ...args], { encoding: 'utf8' });
}

test('every row of the parity table has a test', () => {
  const { status, stderr } = script();
  expect(stderr.match(/^P-\d{3}$/gm) ?? []).toEqual([]);
  expect(status).toBe(0);
});

test('a row without a test is named and fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'));
  try {
    const rows = join(folder, 'rows.json');
    writeFileSync(rows, JSON.stringify(['P-001', 'P-998']));
    const { status, stderr } = script('--rows', rows);
    expect([status, stderr]).toEqual([1, '1 of 2 rows of the parity table have no test:\nP-998\n']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.skipIf(!existsSync(TABLE))('the rows are those of the table', () => {
  const ids = [...readFileSync(TABLE, 'utf8').matchAll(/^\| (P-\d{3}) /gm)].map(([, id]) => id);
  expect(ROWS).toEqual(ids);
});

test('P-017: the library exports what the module of Gluon does, and what its data can be', () => {
  expect(library).toHaveProperty('Parameter');
  expect(library).toHaveProperty('Constant');
  expect(library.DeferredInitializationError.prototype).toBeInstanceOf(library.NotInitializedError);
  expect(library).toHaveProperty('NDArray');
  expect(library).toHaveProperty('ParameterDict');
});
