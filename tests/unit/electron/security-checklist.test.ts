import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const POINTS = 20;
const [, section = ''] = readFileSync('docs/security.md', 'utf8').split("### Electron's security checklist");
const rows = [...section.matchAll(/^\| (\d+) \|(.+)\|$/gm)].map(([, number, text = '']) => ({
  number: Number(number),
  answer: text.split(' | ').at(-1) ?? '',
}));

/** `` `FILE`: `LINE`, `LINE` `` with a semicolon between files. */
function quotes(answer: string): { readonly file: string; readonly line: string }[] {
  return answer.split('; `').flatMap((part) => {
    const [file = '', ...lines] = [...`\`${part.replace(/^\s*`/, '')}`.matchAll(/`([^`]+)`/g)].map(
      ([, text = '']) => text,
    );
    return lines.map((line) => ({ file, line }));
  });
}

describe("Electron's security checklist in docs/security.md", () => {
  it('answers every point in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: POINTS }, (_, i) => i + 1));
  });

  it.each(rows)('point $number quotes lines that are there', ({ answer }) => {
    const quoted = quotes(answer);
    expect(quoted.length).toBeGreaterThan(0);
    for (const { file, line } of quoted) expect(readFileSync(file, 'utf8'), `${file}: ${line}`).toContain(line);
  });
});

describe('the shell', () => {
  const sources = readdirSync('electron', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|html)$/.test(name))
    .map((name) => ({ name, text: readFileSync(join('electron', name), 'utf8') }));

  it.each([
    ['blink features', /enableBlinkFeatures|disableBlinkFeatures/],
    ["the system's own opener of addresses", /\bshell\b[^;]*from 'electron'|openExternal/],
    ['the remote module', /@electron\/remote|enableRemoteModule/],
    ['switches that weaken Chromium', /no-sandbox|disable-web-security|ignore-certificate|remote-debugging/],
    ['code from text', /\beval\(|new Function\(|executeJavaScript/],
    ['files as pages', /loadFile\(|file:\/\//],
  ])('uses no %s', (_case, pattern) => {
    expect(sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name)).toEqual([]);
  });

  it('makes every window with the confined preferences, and confines its page', () => {
    for (const { name, text } of sources.filter(({ text }) => text.includes('new BrowserWindow('))) {
      expect(text, name).toContain('...CONFINED_PREFERENCES');
      expect(text, name).toContain('confine(window.webContents');
    }
  });
});
