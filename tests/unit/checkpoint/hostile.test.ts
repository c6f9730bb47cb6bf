import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { parseHeader } from '../../../core/checkpoint/safetensors/header.ts';
import { parseIndex } from '../../../core/checkpoint/safetensors/index-file.ts';
import { JsonCursor } from '../../../core/checkpoint/safetensors/json-cursor.ts';
import { firstInvalidByte } from '../../../core/checkpoint/safetensors/utf8.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { validFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from './make.ts';

const folder = temporaryFolder();
const small = validFixtures().filter(({ path }) => readFileSync(path).length < 100_000);
const files = small.filter(({ expected }) => expected.format === 'safetensors').map(({ path }) => readFileSync(path));
const index = readFileSync(small.find(({ expected }) => expected.format === 'safetensors-index')!.path);

/** Cut, overwritten, with bytes put in, doubled or taken out: what disks and people do to files. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constantFrom('overwrite' as const, 'insert' as const, 'remove' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc
        .constantFrom('{', '}', '"', '[', ',', '\\', '9', '-', 'e', '\\ud800', '"a":', 'F64')
        .map((text) => Buffer.from(text)),
    ),
  }),
);

/** Most of the damage goes to the header, where the parser is. */
function mutate(file: Buffer, change: typeof mutation extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const region = change.kind === 'cut' ? file.length : Math.min(file.length, 2000);
  const at = Math.floor(change.at * region);
  if (change.kind === 'cut') return file.subarray(0, at);
  const skip = change.kind === 'insert' ? 0 : change.bytes.length;
  const middle = change.kind === 'remove' ? [] : [change.bytes];
  return Buffer.concat([file.subarray(0, at), ...middle, file.subarray(at + skip)]);
}

function expectRefusalOrSense(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof ParascopeError)) throw error;
    expect(error.message).toContain(error.details.file);
    expect(error.details.offset).toBeGreaterThanOrEqual(0);
  }
}

test('a damaged header is refused with its place, or makes sense', () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(mutation, { minLength: 1, maxLength: 3 }), (file, changes) => {
      const damaged = changes.reduce(mutate, file);
      fc.pre(damaged.length >= 8);
      const dataStart = Math.min(damaged.length, Number(file.readBigUInt64LE(0)) + 8);
      expectRefusalOrSense(() => {
        const bytes = damaged.subarray(0, dataStart);
        const header = parseHeader({ bytes, name: 'damaged', fileSize: damaged.length, file: 0 });
        const total = header.entries.reduce((sum, { nbytes }) => sum + nbytes, 0);
        expect(dataStart + total).toBe(damaged.length);
      });
    }),
    { numRuns: 2000 },
  );
});

test('a damaged index is refused with its place, or makes sense', () => {
  fc.assert(
    fc.property(mutation, (change) => {
      expectRefusalOrSense(() => expect(parseIndex(mutate(index, change), 'damaged').weightMap).toBeInstanceOf(Map));
    }),
    { numRuns: 500 },
  );
});

test('any bytes at all are opened or refused, never thrown over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files, index), mutation, async (file, change) => {
      const path = folder.write('any.safetensors', mutate(file, change));
      const error = await openCheckpoint(path).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error === null || error instanceof ParascopeError).toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** Whether the strict reader accepts a text whole. */
function accepts(text: string): boolean {
  const bytes = Buffer.from(text);
  const fail = (problem: string): never => {
    throw new SyntaxError(problem);
  };
  const cursor = new JsonCursor(bytes, { start: 0, end: bytes.length }, fail);
  try {
    cursor.value('the text');
    return cursor.peek() < 0;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('the JSON reader accepts what JSON.parse accepts and nothing else', () => {
  const scraps = fc
    .array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '"',
        '0',
        '1',
        '-',
        '.',
        'e',
        '+',
        'true',
        'null',
        ' ',
        '\n',
        '\\n',
        '\\u00e9',
        'x',
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(scraps, fc.json()), (text) => {
      expect(accepts(text)).toBe(parses(text));
    }),
    { numRuns: 3000 },
  );
});

test('the place of invalid UTF-8 is found exactly where there is some', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc
      .array(fc.constantFrom(0x41, 0x80, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5), { maxLength: 6 })
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const at = firstInvalidByte(input);
      expect(at === input.length).toBe(isUtf8(input));
      expect(isUtf8(input.subarray(0, at))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
