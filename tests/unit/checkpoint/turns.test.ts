import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileSource } from '../../../core/checkpoint/byte-source.ts';
import { Turns } from '../../../core/checkpoint/turns.ts';
import { temporaryFolder } from './make.ts';

const folder = temporaryFolder();

test('sliced work gives others a turn, goes on where it stopped, and ends with its result', async () => {
  let others = 0;
  const other = setInterval(() => others++, 0);
  function* work(): Generator<void, string> {
    for (const start = performance.now(); performance.now() - start < 60; ) yield;
    return 'done';
  }
  expect(await new Turns().run(work())).toBe('done');
  clearInterval(other);
  expect(others).toBeGreaterThan(0);
});

test('an error of sliced work is the caller’s', async () => {
  function* work(): Generator<void, never> {
    yield;
    throw new RangeError('cut short');
  }
  await expect(new Turns().run(work())).rejects.toThrow(RangeError);
});

test('many ranges are read as they were asked for: near, far, empty, overlapping, in any order', async () => {
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 2_654_435_761) >>> 24));
  const path = join(folder.path, 'ranges');
  writeFileSync(path, bytes);
  const source = await FileSource.open(path);
  const ranges = [
    { start: 2_999_990, nbytes: 10 },
    { start: 0, nbytes: 4 },
    { start: 2, nbytes: 0 },
    { start: 2, nbytes: 30 },
    { start: 0, nbytes: 2_500_000 },
    { start: 40_000, nbytes: 1 },
    { start: 2, nbytes: 30 },
    { start: 3_000_000, nbytes: 0 },
  ];
  const read = await source.readMany(ranges);
  for (const [i, { start, nbytes }] of ranges.entries()) {
    expect(Buffer.compare(read[i] ?? Buffer.from('none'), bytes.subarray(start, start + nbytes))).toBe(0);
  }
});
