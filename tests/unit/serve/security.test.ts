import { describe, expect, it } from 'vitest';
import {
  bearerOf,
  cookieOf,
  createToken,
  judgeCredentials,
  sameToken,
} from '../../../cli/serve/security/credentials.ts';
import { isLoopback, judgeHost } from '../../../cli/serve/security/host.ts';
import { judgeOrigin, type OriginFacts } from '../../../cli/serve/security/origin.ts';

describe('judgeHost', () => {
  it.each([
    ['localhost:8080', true],
    ['LOCALHOST', true],
    ['localhost.:8080', true],
    ['127.0.0.1:8080', true],
    ['[::1]:8080', true],
    ['192.168.1.7:8080', true],
    ['gpu-box:8080', true],
    ['evil.example:8080', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example:8080', false],
    ['evil.example@127.0.0.1', false],
    ['127.0.0.1:8080/x', false],
    ['[::1', false],
    ['', false],
    [undefined, false],
  ])('of %s: allowed is %s', (header, allowed) => {
    expect(judgeHost(header, ['gpu-box']).allowed).toBe(allowed);
  });
});

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.evil.example', false],
    ['192.168.1.7', false],
  ])('of %s is %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

describe('judgeOrigin', () => {
  const own = 'http://127.0.0.1:8080';
  const page: OriginFacts = {
    method: 'GET',
    upgrade: false,
    path: '/bytes/listing/a',
    host: '127.0.0.1:8080',
    origin: undefined,
    fetchSite: 'same-origin',
    fetchMode: 'cors',
    fetchDest: 'empty',
    bearer: false,
  };
  const link = { path: '/', fetchMode: 'navigate', fetchDest: 'document' };
  const none = { fetchSite: undefined, fetchMode: undefined, fetchDest: undefined };

  it.each<[string, Partial<OriginFacts>, boolean]>([
    ['a fetch of our own page', {}, true],
    ['an address typed by the user', { ...link, fetchSite: 'none' }, true],
    ['a link on another site to the printed address', { ...link, fetchSite: 'cross-site' }, true],
    ['a link of another local server to the printed address', { ...link, fetchSite: 'same-site' }, true],
    ['a link on another site to a download', { ...link, path: '/download/x', fetchSite: 'cross-site' }, false],
    ['our page in the frame of another site', { ...link, fetchDest: 'iframe', fetchSite: 'cross-site' }, false],
    ['an image on another site', { fetchSite: 'cross-site', fetchMode: 'no-cors', fetchDest: 'image' }, false],
    ['a fetch of another local server', { fetchSite: 'same-site' }, false],
    ['a foreign Origin on a GET', { ...none, origin: 'https://evil.example' }, false],
    ['a POST of our own page', { method: 'POST', origin: own }, true],
    ['a POST of a sandboxed frame', { method: 'POST', origin: 'null' }, false],
    ['a POST of another port', { method: 'POST', origin: 'http://127.0.0.1:9090', fetchSite: 'same-site' }, false],
    ['a POST of another scheme', { method: 'POST', origin: 'https://127.0.0.1:8080' }, false],
    ['a POST without Origin', { ...none, method: 'POST' }, false],
    ['a POST of a program with its token', { ...none, method: 'POST', bearer: true }, true],
    ['a DELETE without Origin', { ...none, method: 'DELETE' }, false],
    ['a WebSocket of our own page', { upgrade: true, origin: own, fetchSite: undefined }, true],
    ['a WebSocket of another site', { upgrade: true, origin: 'https://evil.example' }, false],
    ['a WebSocket without Origin', { ...none, upgrade: true }, false],
    ['a WebSocket of a program with its token', { ...none, upgrade: true, bearer: true }, true],
    [
      'a foreign WebSocket with a token',
      { ...none, upgrade: true, bearer: true, origin: 'http://evil.example' },
      false,
    ],
    ['a program', none, true],
  ])('of %s', (_case, facts, allowed) => {
    expect(judgeOrigin({ ...page, ...facts }).allowed).toBe(allowed);
  });
});

describe('credentials', () => {
  const expected = { port: 8080, token: 'right' };

  it.each<[string, string | undefined, string | undefined, boolean]>([
    ['nothing', undefined, undefined, false],
    ['the cookie', undefined, 'parascope-8080=right', true],
    ['the cookie among others', undefined, 'a=b; parascope-8080=right; c=d', true],
    ["another server's cookie", undefined, 'parascope-9090=right', false],
    ['a wrong cookie', undefined, 'parascope-8080=wrong', false],
    ['an empty cookie', undefined, 'parascope-8080=', false],
    ['the bearer token', 'Bearer right', undefined, true],
    ['a wrong bearer token beside the right cookie', 'Bearer wrong', 'parascope-8080=right', false],
    ['another scheme', 'Basic right', undefined, false],
  ])('of a request with %s', (_case, authorization, cookie, allowed) => {
    expect(judgeCredentials({ authorization, cookie }, expected).allowed).toBe(allowed);
  });

  it('makes tokens of 256 bits that differ', () => {
    expect(Buffer.from(createToken(), 'base64url')).toHaveLength(32);
    expect(createToken()).not.toBe(createToken());
  });

  it('compares whole tokens, of any length', () => {
    expect(sameToken('right', 'right')).toBe(true);
    expect(sameToken('righ', 'right')).toBe(false);
    expect(sameToken('', 'right')).toBe(false);
    expect(sameToken('right\0', 'right')).toBe(false);
  });

  it('reads nothing from malformed headers', () => {
    expect(bearerOf('Bearer a b')).toBeNull();
    expect(bearerOf(`Bearer ${'a'.repeat(257)}`)).toBeNull();
    expect(cookieOf('parascope-8080', 'parascope-8080')).toBeNull();
  });
});
