import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { CheckpointFormatError, FileChangedError, InvalidArgumentError } from '../../core/errors.ts';
import { Examiner } from './examiner.mjs';
import { faultOf } from './judge.mjs';

const GUARD = fileURLToPath(new URL('./guard.cjs', import.meta.url));
const sandbox = mkdtempSync(join(tmpdir(), 'parascope-guard-'));
afterAll(() => rmSync(sandbox, { recursive: true, force: true }));

/** What the guard notes of a script, run in the main thread and in a worker. */
function notesOf(script: string): string[] {
  const notes = join(sandbox, 'notes');
  const inWorker = `new (require('node:worker_threads').Worker)(${JSON.stringify(script)}, { eval: true })`;
  return [script, inWorker].map((code) => {
    writeFileSync(notes, '');
    execFileSync(process.execPath, ['--require', GUARD, '-e', code], {
      env: {
        ...process.env,
        PARASCOPE_FUZZ_NOTES: notes,
        PARASCOPE_FUZZ_SANDBOX: sandbox,
        PARASCOPE_FUZZ_BYTES: '1000000',
      },
    });
    return readFileSync(notes, 'utf8').trim();
  });
}

test.each([
  ['a file read elsewhere', `require('node:fs').openSync('/etc/passwd')`, /^read \/etc\/passwd$/],
  ['a file read by promises', `require('node:fs/promises').readFile('/etc/hostname').catch(() => {})`, /^read \/etc/],
  ['a file written elsewhere', `require('node:fs').writeFileSync('/dev/null', '')`, /^wrote \/dev\/null/],
  ['a program', `require('node:child_process').spawnSync('true')`, /^ran true$/],
  ['a connection', `require('node:net').connect(1, '127.0.0.1').on('error', () => {})`, /^connected /],
  ['an allocation', 'new Uint8Array(2000000)', /^allocated 2000000 bytes \(Uint8Array\)$/],
  ['a buffer', 'Buffer.alloc(3000000)', /^allocated 3000000 bytes \(alloc\)$/],
])('the guard notes %s, in every thread', (_, script, note) => {
  for (const notes of notesOf(script)) expect(notes).toMatch(note);
});

test('the guard notes nothing of what stays in the sandbox', () => {
  const path = JSON.stringify(join(sandbox, 'x'));
  const script = `require('node:fs').writeFileSync(${path}, 'x'); require('node:fs').readFileSync(${path})`;
  expect(notesOf(script)).toEqual(['', '']);
});

test('errors are judged by their class, their code and their words', () => {
  const file = { file: 'a.pt', offset: 3 };
  expect(faultOf('open', new CheckpointFormatError('a.pt: cut short (byte 3 of the file).', file))).toBeNull();
  expect(faultOf('save', new InvalidArgumentError('No such name.'))).toBeNull();
  for (const error of [
    new RangeError('Invalid array length'),
    new FileChangedError('a.pt changed on disk.', file),
    new InvalidArgumentError('Shape is wrong.', file),
    new CheckpointFormatError('cut short', file),
    new CheckpointFormatError('a.pt: the key [object Object] is unknown.', file),
  ]) {
    expect(faultOf('open', error)).toMatch(/^open: /);
  }
});

test('a broken file and an absent one are refused without a fault', async () => {
  const examiner = new Examiner();
  try {
    const { faults, errors } = await examiner.examine({ main: 'a.pt', files: new Map([['a.pt', Buffer.from('x')]]) });
    expect(faults).toEqual([]);
    expect(errors).toHaveLength(1);
    const gone = await examiner.examine({ main: 'b.pt', files: new Map([['a.pt', Buffer.from('x')]]) });
    expect(gone.errors[0]?.code).toBe('FILE_ACCESS');
  } finally {
    await examiner.close();
  }
});
