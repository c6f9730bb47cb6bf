import { describe, expect, it } from 'vitest';
import { filesOf, logicalGpusOf } from '../../../electron/main/command-line.ts';
import { allowsNavigation, trustsSender } from '../../../electron/main/navigation-policy.ts';
import { allowsPermission } from '../../../electron/main/permission-policy.ts';

describe('allowsNavigation', () => {
  it.each([
    ['parascope://app/', true],
    ['parascope://app/index.html', true],
    ['parascope://app/?x=1', true],
    ['parascope://app/bytes/cells/a/0', false],
    ['parascope://app/assets/index.js', false],
    ['parascope://other/', false],
    ['parascope://app.evil/', false],
    ['parascope://app@evil/', false],
    ['parascope://user@app/', false],
    ['https://example.com/', false],
    ['http://app/', false],
    ['file:///etc/passwd', false],
    ['data:text/html,x', false],
    ['javascript:alert(1)', false],
    ['about:blank', false],
    ['blob:parascope://app/1', false],
    ['', false],
  ])('of %s is %s', (url, expected) => {
    expect(allowsNavigation(url)).toBe(expected);
  });
});

describe('trustsSender', () => {
  it.each([
    ['our top frame', { url: 'parascope://app/', parent: null }, true],
    ['a frame inside ours', { url: 'parascope://app/', parent: {} }, false],
    ['a foreign top frame', { url: 'https://example.com/', parent: null }, false],
    ['a frame without a page', { url: '', parent: null }, false],
    ['no frame', null, false],
    ['nothing at all', undefined, false],
  ])('of %s', (_case, frame, expected) => {
    expect(trustsSender(frame)).toBe(expected);
  });
});

describe('allowsPermission', () => {
  it.each([
    ['clipboard-sanitized-write', 'parascope://app/', true],
    ['clipboard-sanitized-write', 'https://example.com/', false],
    ['clipboard-sanitized-write', '', false],
    ['clipboard-read', 'parascope://app/', false],
    ['media', 'parascope://app/', false],
    ['geolocation', 'parascope://app/', false],
    ['notifications', 'parascope://app/', false],
    ['openExternal', 'parascope://app/', false],
    ['fileSystem', 'parascope://app/', false],
    ['usb', 'parascope://app/', false],
    ['unknown', 'parascope://app/', false],
  ])('of %s to %s is %s', (permission, url, expected) => {
    expect(allowsPermission(permission, url)).toBe(expected);
  });
});

describe('filesOf', () => {
  it('reads files after the program, relative to where it was started, and leaves switches alone', () => {
    expect(filesOf(['electron', '.', 'a.safetensors', '/b', '--inspect'], { packaged: false, cwd: '/here' })).toEqual([
      '/here/a.safetensors',
      '/b',
    ]);
    expect(filesOf(['parascope', 'a'], { packaged: true, cwd: '/here' })).toEqual(['/here/a']);
    expect(filesOf(['parascope'], { packaged: true, cwd: '/here' })).toEqual([]);
  });
});

describe('logicalGpusOf', () => {
  it.each([
    [['parascope', 'a.safetensors'], undefined],
    [['parascope', '--logical-gpus=2', 'a'], 2],
    [['parascope', '--logical-gpus=2', '--logical-gpus=3'], 3],
  ])('of %j is %s', (argv, expected) => {
    expect(logicalGpusOf(argv)).toBe(expected);
  });

  it.each(['--logical-gpus=', '--logical-gpus=0', '--logical-gpus=many', '--logical-gpus=1e9'])(
    'refuses %s',
    (word) => {
      expect(() => logicalGpusOf(['parascope', word])).toThrow(/--logical-gpus takes the number of logical devices/);
    },
  );
});
