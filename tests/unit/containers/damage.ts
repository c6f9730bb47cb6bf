import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { ParascopeError } from '../../../core/errors.ts';

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 8 }),
  fc
    .constantFrom([0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0, 0, 0, 0, 0x40], [0x7f], [0xff], [0])
    .map((list) => Uint8Array.from(list)),
);

/** Cut, overwritten, with bytes put in or taken out: what disks and people do to files. */
export const damage = fc.array(
  fc.record({
    kind: fc.constantFrom('cut', 'overwrite', 'overwrite', 'overwrite', 'insert', 'remove'),
    at: place,
    bytes,
  }),
  { minLength: 1, maxLength: 3 },
);

export function damaged(file: Buffer, changes: readonly { kind: string; at: number; bytes: Uint8Array }[]): Buffer {
  return changes.reduce((before, change) => {
    const at = Math.floor(change.at * before.length);
    if (change.kind === 'cut') return before.subarray(0, at);
    const middle = change.kind === 'remove' ? [] : [change.bytes];
    return Buffer.concat([
      before.subarray(0, at),
      ...middle,
      before.subarray(at + (change.kind === 'insert' ? 0 : change.bytes.length)),
    ]);
  }, file);
}

interface Folder {
  write(name: string, content: Uint8Array): string;
}

/** Files of some kind, damaged: each opens or is refused with its name; what it lists lies inside the file. */
export function damagedFilesAreSafe(paths: readonly string[], folder: Folder) {
  const files = paths.map((path) => ({ name: `damaged-${basename(path)}`, content: readFileSync(path) }));
  return fc.asyncProperty(fc.constantFrom(...files), damage, async ({ name, content }, changes) => {
    const file = damaged(content, changes);
    const found = await openCheckpoint(folder.write(name, file)).catch((error: unknown) => error);
    if (found instanceof ParascopeError) {
      expect(found.message.length).toBeLessThan(1000);
      return;
    }
    if (found instanceof Error) throw found;
    const { entries } = found as Awaited<ReturnType<typeof openCheckpoint>>;
    for (const entry of entries) {
      if (!entry.packed) expect(entry.offset + entry.nbytes).toBeLessThanOrEqual(file.length);
    }
  });
}

/** As `damagedFilesAreSafe`, of the values: each packed tensor unpacks to its size or is refused. */
export function damagedValuesAreSafe(paths: readonly string[], folder: Folder) {
  const files = paths.map((path) => ({ name: `values-${basename(path)}`, content: readFileSync(path) }));
  return fc.asyncProperty(fc.constantFrom(...files), damage, async ({ name, content }, changes) => {
    const path = folder.write(name, damaged(content, changes));
    const checkpoint = await openCheckpoint(path).catch(() => null);
    for (const entry of checkpoint?.entries.filter(({ packed, nbytes }) => packed && nbytes < 2 ** 24) ?? []) {
      const found = await checkpoint?.read(entry).catch((error: unknown) => error);
      if (found instanceof Error && !(found instanceof ParascopeError)) throw found;
      if (found instanceof Uint8Array) expect(found.length).toBe(entry.nbytes);
    }
  });
}
