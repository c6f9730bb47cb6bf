/**
 * Says which rows of the parity table of Parameter have no test: a row is covered where the name of a
 * test or suite under tests/ has its id. Exits with 1 where one is missing.
 *
 *   node scripts/parity-coverage.mjs [--rows ROWS.json]  check
 *   node scripts/parity-coverage.mjs --update TABLE.md   take the ids from the table anew
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ROWS_FILE = join(root, 'tests/unit/parameter/parity-rows.json');

/** The first cells of the table's rows. */
function idsOf(table) {
  return [...table.matchAll(/^\| (P-\d{3}) \|/gm)].map(([, id]) => id);
}

/** The first argument of `test(…)`, `test.each(…)(…)`, `describe(…)` and their like, where it is a string. */
const NAME = /(?:\b(?:test|it|describe)(?:\.\w+)*|\))\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1\s*,/g;

function namedIn(source) {
  return [...source.matchAll(NAME)].flatMap(([, , name]) => name.match(/P-\d{3}/g) ?? []);
}

function check(rowsFile) {
  const rows = JSON.parse(readFileSync(rowsFile, 'utf8'));
  const files = readdirSync(join(root, 'tests'), { recursive: true }).filter((file) => file.endsWith('.test.ts'));
  const covered = new Set(files.flatMap((file) => namedIn(readFileSync(join(root, 'tests', file), 'utf8'))));
  const missing = rows.filter((id) => !covered.has(id));
  if (missing.length === 0) {
    process.stdout.write(`All ${rows.length} rows of the parity table have a test.\n`);
    return 0;
  }
  process.stderr.write(`${missing.length} of ${rows.length} rows of the parity table have no test:\n`);
  for (const id of missing) process.stderr.write(`${id}\n`);
  return 1;
}

const [option, file] = process.argv.slice(2);
if (option === '--update' && file) {
  const ids = idsOf(readFileSync(file, 'utf8'));
  writeFileSync(ROWS_FILE, `${JSON.stringify(ids, null, 2)}\n`);
} else {
  process.exitCode = check(option === '--rows' && file ? file : ROWS_FILE);
}
