import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../core/checkpoint/formats.ts';
import { openFilters } from '../../../electron/main/file-filters.ts';

const [checkpoints, ...kinds] = openFilters();

describe('the open dialog', () => {
  it('offers every ending of every format at once, then each kind, then all files', () => {
    for (const { extensions } of FORMATS) {
      for (const extension of extensions) expect(checkpoints?.extensions).toContain(extension.split('.').at(-1));
    }
    expect(kinds).toHaveLength(FORMATS.length + 1);
    expect(kinds.at(-1)).toEqual({ name: 'All files', extensions: ['*'] });
  });

  it('names endings as the platforms want them', () => {
    for (const { extensions } of openFilters()) for (const ending of extensions) expect(ending).toMatch(/^(?:\w+|\*)$/);
  });
});

describe('the file associations of the package', () => {
  const builder = readFileSync('electron-builder.yml', 'utf8');
  const associations = [...builder.matchAll(/^ {2}- \{ ext: (?:\[([^\]]+)\]|(\w+)), .*rank: (\w+) \}$/gm)].map(
    ([, several, one, rank]) => ({ extensions: (several ?? one ?? '').split(', '), rank }),
  );
  const associated = associations.flatMap(({ extensions }) => extensions);

  /** Endings that mean anything: to offer ourselves for them would be in everybody's way. */
  const GENERIC = ['json', 'index', 'bin', 'pb'];

  it('know every kind of file that is opened by its usual ending, unless that means anything', () => {
    const usual = FORMATS.map(({ extensions }) => extensions[0]?.split('.').at(-1) ?? '');
    expect(usual.filter((ending) => !GENERIC.includes(ending) && !associated.includes(ending))).toEqual([]);
  });

  it('name each ending once, and take nothing over', () => {
    expect(new Set(associated).size).toBe(associated.length);
    expect(new Set(associations.map(({ rank }) => rank))).toEqual(new Set(['Alternate']));
  });
});
