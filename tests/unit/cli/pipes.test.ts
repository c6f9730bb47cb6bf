import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { CLI, scratchPath } from './run-cli.ts';

/** Its values as text are many times what a pipe holds. */
const COUNT = 300_000;
const path = scratchPath('long.npy');

beforeAll(() => {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${COUNT},), }`.padEnd(117);
  const values = Float32Array.from({ length: COUNT }, (_, i) => i);
  writeFileSync(
    path,
    Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1'), Buffer.from(values.buffer)]),
  );
});

function start(...words: string[]) {
  const child = spawn(process.execPath, [CLI, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const said: Buffer[] = [];
  child.stderr.on('data', (piece: Buffer) => said.push(piece));
  return { child, ended, stderr: () => Buffer.concat(said).toString() };
}

test('a slow reader gets all of a long output', async () => {
  const { child, ended } = start('values', path, 'long', '--json');
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) {
    // Long after the last write the first of it is still in the pipe.
    if (pieces.length < 3) await after(100);
    pieces.push(piece as Buffer);
  }
  const { values } = JSON.parse(Buffer.concat(pieces).toString()) as { values: number[] };
  expect([values.length, values.at(-1)]).toEqual([COUNT, COUNT - 1]);
  expect(await ended).toBe(0);
});

test('a reader that has seen enough ends the command, without a complaint', async () => {
  const { child, ended, stderr } = start('values', path, 'long');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await ended).toBe(0);
  expect(stderr()).toBe('');
});
