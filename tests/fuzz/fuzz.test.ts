import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Examiner } from './examiner.mjs';

const SCRIPT = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url));
const FOUND = fileURLToPath(new URL('../fixtures/data/fuzz', import.meta.url));
/** Two minutes of fuzzing on a machine of 2022 with two processors. */
const EXECUTIONS = Number(process.env.PARASCOPE_FUZZ_EXECUTIONS ?? 7_000);
/** A run fails for what it changed, not by chance: fresh seeds are for `npm run fuzz`. */
const SEED = 20_261_122;

const examiner = new Examiner();
afterAll(() => examiner.close());

describe('what fuzzing found once stays fixed', () => {
  const found = existsSync(FOUND) ? readdirSync(FOUND).filter((name) => statSync(join(FOUND, name)).isDirectory()) : [];
  test.each(found.sort())(
    '%s',
    async (name) => {
      const folder = join(FOUND, name);
      const names = readdirSync(folder).filter((file) => file !== 'fault.txt');
      const files = new Map(names.map((file) => [file, readFileSync(join(folder, file))]));
      const [main = '', seed = '1'] = readFileSync(join(folder, 'fault.txt'), 'utf8').split('\n');
      const { faults } = await examiner.examine({ files, main }, { seed: Number(seed), saves: 1 });
      expect(faults).toEqual([]);
    },
    120_000,
  );
});

test('damaged checkpoints of every format are opened or refused as promised', () => {
  const args = [SCRIPT, '--executions', String(EXECUTIONS), '--seed', String(SEED)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  process.stderr.write(stdout);
  expect(stderr).toBe(`fuzzing with seed ${SEED}\n`);
  expect(status).toBe(0);
}, 1_800_000);
