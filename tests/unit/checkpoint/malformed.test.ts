import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { allMalformedFixtures } from '../../fixtures/catalog.ts';
import { type ExamineInput, type ExamineResult, Examiner } from '../../fuzz/examiner.mjs';
import { runCli } from '../cli/run-cli.ts';
import { temporaryFolder } from './make.ts';

const folder = temporaryFolder();
const examiner = new Examiner();
afterAll(() => examiner.close());

const SUFFIX = '.expected.json';
/** A refusal says where: a byte, a name, or that the file as a whole is something else. */
const PLACED = /\(byte \d+ of |"[^"]+"|^\S+ (?:is|holds) /;

/** The file, with those beside it where it lies in a folder of its own. */
function inputOf(id: string, path: string): ExamineInput {
  const isAlone = id.split('/').length === 2;
  const names = isAlone ? [basename(path)] : readdirSync(dirname(path)).filter((name) => !name.endsWith(SUFFIX));
  return { main: basename(path), files: new Map(names.map((name) => [name, readFileSync(join(dirname(path), name))])) };
}

function refusalOf({ errors }: ExamineResult): { code: string; message: string } | undefined {
  return errors.find(({ stage }) => stage === 'open');
}

/**
 * What the fixtures' `expect`, `must` and `limits` say, in a process that is watched: `faults` are work of
 * more than 10 s, memory of more than 512 MiB beyond the file, files opened, programs started or
 * connections made that are none of its business, changed files, and errors that are no refusals.
 */
describe.each(allMalformedFixtures())('$id: $expected.note', ({ id, path, expected }) => {
  test(`${expected.expect}: refused with its reason or opened harmlessly`, async () => {
    expect(expected.limits ?? { max_seconds: 10, max_extra_memory_mb: 512 }).toEqual({
      max_seconds: 10,
      max_extra_memory_mb: 512,
    });
    const result = await examiner.examine(inputOf(id, path), { saves: 1 });
    expect(result.faults).toEqual([]);
    const refusal = refusalOf(result);
    if (expected.expect === 'reject') expect(refusal).toBeDefined();
    if (expected.expect === 'open') expect(result.entries).toBeGreaterThan(0);
    if (refusal) {
      expect(['CHECKPOINT_FORMAT', 'UNSAFE_CHECKPOINT']).toContain(refusal.code);
      expect(refusal.message).toMatch(PLACED);
    } else if (expected.must?.includes('which global is unsafe')) {
      expect(result.values).toMatch(/os\.system|builtins\.eval/);
    }
  }, 120_000);
});

test('a damaged chunk fails by itself: the file is listed, its values say where it is wrong', async () => {
  const fixture = allMalformedFixtures().find(({ id }) => id.endsWith('h5_corrupt_chunk.h5'));
  const { entries, errors } = await examiner.examine(inputOf(fixture?.id ?? '', fixture?.path ?? ''), { saves: 0 });
  expect(entries).toBe(1);
  expect(errors.map(({ message }) => message)[0]).toMatch(/a chunk cannot be read: .*\(byte \d+ of the file\)/);
}, 120_000);

/** Things that stand where a checkpoint should, and what each is called. */
function impostors(): [what: string, path: string, message: RegExp][] {
  const pipe = join(folder.path, 'pipe.pt');
  execFileSync('mkfifo', [pipe]);
  const directory = join(folder.path, 'folder.keras');
  mkdirSync(directory);
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4000000000\n';
  const all: [string, string, RegExp][] = [
    ['a Git LFS pointer', folder.write('weights.gguf', pointer), /weights\.gguf is a Git LFS pointer.*git lfs pull/],
    ['a web page', folder.write('model.onnx', '<!DOCTYPE html><html></html>'), /model\.onnx is a web page \(HTML\)/],
    ['an empty file', folder.write('empty.h5', ''), /empty\.h5 is empty \(0 bytes\)/],
    ['a folder', directory, /folder\.keras is a folder/],
    ['a pipe', pipe, /pipe\.pt is a named pipe, not a regular file/],
    ['a device', '/dev/zero', /zero is a device, not a regular file/],
    ['nothing', join(folder.path, 'absent.npz'), /Cannot open absent\.npz: there is no such file/],
  ];
  if (process.getuid?.() === 0) return all;
  const locked = folder.write('locked.tflite', 'TFL3');
  chmodSync(locked, 0);
  return [...all, ['an unreadable file', locked, /Cannot open locked\.tflite: you have no permission to read it/]];
}

test.each(impostors())(
  '%s is named for what it is, by the library and by the command line',
  async (_, path, message) => {
    await expect(openCheckpoint(path)).rejects.toThrow(message);
    const { status, stdout, stderr } = runCli('inspect', path);
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  },
  120_000,
);
