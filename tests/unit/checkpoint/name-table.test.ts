import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashBytes, NameTable } from '../../../core/checkpoint/safetensors/name-table.ts';

function hashOf(name: string): number {
  const bytes = Buffer.from(name);
  return hashBytes(bytes, 0, bytes.length);
}

test('a table of names finds what a map finds, and refuses what is there', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 3000 }), (names) => {
      const kept: string[] = [];
      const table = new NameTable((index) => kept[index] ?? '');
      const map = new Map<string, number>();
      for (const name of names) {
        kept.push(name);
        expect(table.add(name, hashOf(name))).toBe(!map.has(name));
        if (map.has(name)) kept.pop();
        else map.set(name, map.size);
      }
      for (const name of [...names, 'no such name']) expect(table.indexOf(name)).toBe(map.get(name));
    }),
    { numRuns: 50 },
  );
});

test('names of one hash are told apart', () => {
  const names = ['a', 'b', 'c'];
  const table = new NameTable((index) => names[index] ?? '');
  for (const name of names) expect(table.add(name, hashOf('a'))).toBe(true);
  expect(table.add('b', hashOf('a'))).toBe(false);
  expect(table.indexOf('a')).toBe(0);
});
