import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32AfterChange } from '../../../core/checkpoint/crc32.ts';
import { type ByteReader, patchedReader, sealPatches } from '../../../core/workspace/save/seals.ts';

function reader(bytes: Uint8Array): ByteReader {
  return { read: async (position, nbytes) => bytes.subarray(position, position + nbytes) };
}

test('the checksum after a change is that of all bytes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(),
      (bytes, change, where) => {
        const start = where % bytes.length;
        const after = change.subarray(0, bytes.length - start);
        const changed = Uint8Array.from(bytes);
        changed.set(after, start);
        const before = bytes.subarray(start, start + after.length);
        const trailing = bytes.length - start - after.length;
        expect(crc32AfterChange(crc32(bytes), { before, after, trailing })).toBe(crc32(changed));
      },
    ),
  );
});

test('a change is carried over gigabytes: the polynomial is primitive, so that 2 ** 32 - 1 bytes turn it once around', () => {
  const carried = (trailing: number): number =>
    crc32AfterChange(0, { before: Uint8Array.of(0), after: Uint8Array.of(1), trailing });
  expect(carried(2 ** 32 - 1)).toBe(carried(0));
  expect(carried(2 ** 33 + 3)).toBe(carried(5));
  expect(carried(5)).not.toBe(carried(0));
});

test.each([
  ['from the old checksum and what changed', true],
  ['from all that was written, where there was none', false],
])('seals are worked out %s', async (_, isKnown) => {
  const base = Buffer.from(Array.from({ length: 1000 }, (_value, i) => (i * 7) % 251));
  const written = Buffer.from(base);
  const segments = [100, 395, 590, 900].map((to) => ({ kind: 'bytes' as const, to, bytes: Buffer.from('changed!!!') }));
  for (const { to, bytes } of segments) written.set(bytes, to);
  const seals = [
    {
      kind: 'crc32' as const,
      start: 400,
      nbytes: 200,
      at: [0, 700],
      former: isKnown ? crc32(base.subarray(400, 600)) : null,
    },
    { kind: 'crc32' as const, start: 200, nbytes: 100, at: [4], former: crc32(base.subarray(200, 300)) },
  ];
  const sealing = {
    base: isKnown ? reader(base) : null,
    written: reader(written),
    segments,
    signal: AbortSignal.any([]),
  };
  const patches = await sealPatches(seals, sealing);
  const values = patches.map(({ offset, bytes }) => [offset, Buffer.from(bytes).readUInt32LE()]);
  const first = crc32(written.subarray(400, 600));
  expect(values).toEqual([
    [0, first],
    [700, first],
    [4, crc32(written.subarray(200, 300))],
  ]);
});

test('a file under patches is read where it is patched', async () => {
  const patched = patchedReader([
    { offset: 20, bytes: Buffer.from('later') },
    { offset: 5, bytes: Buffer.from('first') },
  ]);
  expect(Buffer.from(await patched.read(6, 3)).toString()).toBe('irs');
  expect(Buffer.from(await patched.read(20, 5)).toString()).toBe('later');
});
