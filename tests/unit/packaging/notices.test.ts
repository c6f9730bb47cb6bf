import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Lock {
  packages: Record<string, { version: string; dev?: boolean; devOptional?: boolean; optional?: boolean }>;
}

test('every package that ships is in the third-party notices with its version', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
  const notices = readFileSync('THIRD_PARTY_NOTICES.md', 'utf8');
  const missing = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.optional)
    .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)} ${version}`)
    .filter((wanted) => !notices.includes(`${wanted} (`));
  expect(missing, 'run node scripts/third-party-notices.mjs').toEqual([]);
});
