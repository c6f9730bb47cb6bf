import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startServer } from '../../../cli/serve/server.ts';
import { createFakeWorkspace } from '../api/fake-workspace.ts';
import { type Served, serveFixture } from './fixture.ts';

let served: Served;
beforeAll(async () => {
  served = await serveFixture();
});
afterAll(() => served.close());

const anonymous = { authorization: undefined };

describe('without the token', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/assets/index-a1B2c3D4.js'],
    ['GET', '/bytes/listing/doc-1'],
    ['GET', '/download/x'],
    ['GET', '/?token=wrong'],
    ['GET', '/assets/index-a1B2c3D4.js?token=right'],
  ])('%s %s is answered by 401 and a page that says what to do', async (method, path) => {
    const withToken = path.replace('right', served.token);
    const { status, body, headers } = await served.ask(method, withToken, { headers: anonymous });
    expect(status).toBe(401);
    expect(body.toString()).toMatch(/printed|changes at every start/);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('an upload is refused before its body is read', async () => {
    const origin = served.url.origin;
    const answer = await served.ask('POST', '/upload?name=a&size=1', { headers: { ...anonymous, origin } });
    expect(answer.status).toBe(401);
  });
});

describe('the printed address', () => {
  it('sets a cookie that scripts and other sites cannot use, and leads to a clean address', async () => {
    const { status, headers } = await served.ask('GET', `/?token=${served.token}`, { headers: anonymous });
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['referrer-policy']).toBe('no-referrer');
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toBe(`parascope-${served.url.port}=${served.token}; Path=/; HttpOnly; SameSite=Strict`);
    const page = await served.ask('GET', '/', { headers: { ...anonymous, cookie: cookie.split(';')[0] } });
    expect(page.status).toBe(200);
  });

  it('followed from another site leads on from our own page, so that the strict cookie is sent', async () => {
    const headers = {
      ...anonymous,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const answer = await served.ask('GET', `/?token=${served.token}`, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toHaveLength(1);
    expect(answer.body.toString()).toContain('http-equiv="refresh" content="0;url=/"');
  });
});

describe('a request with the token', () => {
  it('under a foreign name is refused (DNS rebinding)', async () => {
    const { status, body } = await served.ask('GET', '/', { headers: { host: `evil.example:${served.url.port}` } });
    expect(status).toBe(421);
    expect(body.toString()).toContain('evil.example');
  });

  it('from a page of another site is refused', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
    expect((await served.ask('GET', '/bytes/listing/doc-1', { headers })).status).toBe(403);
    const origin = 'https://evil.example';
    expect((await served.ask('POST', '/upload?name=a&size=1', { headers: { origin } })).status).toBe(403);
  });

  it.each([
    ['OPTIONS', '/', 405],
    ['POST', '/', 405],
    ['POST', '/bytes/listing/doc-1', 405],
    ['GET', '/upload', 405],
    ['PATCH', '/upload/x', 405],
    ['HEAD', '/download/x', 405],
    ['GET', '/trpc', 404],
    ['GET', 'http://evil.example/', 400],
  ])('%s %s is answered by %i', async (method, path, status) => {
    expect((await served.ask(method, path)).status).toBe(status);
  });
});

describe('pages', () => {
  it('are sent with a policy under which nothing foreign runs or loads', async () => {
    const { status, headers } = await served.ask('GET', '/');
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain(`connect-src 'self' ws://${served.url.host}`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('with a hash in their name may be kept for ever', async () => {
    const { headers } = await served.ask('GET', '/assets/index-a1B2c3D4.js');
    expect(headers['cache-control']).toContain('immutable');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/secret.txt%00.html',
    '/notes.bak',
    '/assets',
    '/assets/',
    '/\\secret.txt',
  ])('do not include %s', async (path) => {
    const { status, body } = await served.ask('GET', path);
    expect(status).toBe(404);
    expect(body.toString()).not.toContain('not a page');
    expect(body.toString()).not.toMatch(/^secret$/);
  });
});

describe('a WebSocket', () => {
  const attempt = (headers: Record<string, string>, path = '/trpc') =>
    new Promise<number | 'open'>((resolve) => {
      const socket = new WebSocket(`ws://${served.url.host}${path}`, { headers });
      socket.on('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
      socket.on('error', () => {});
    });
  const cookie = () => ({ cookie: `parascope-${served.url.port}=${served.token}` });

  it('of our own page opens', async () => {
    expect(await attempt({ ...cookie(), origin: served.url.origin })).toBe('open');
  });
  it('of a program with its token opens', async () => {
    expect(await attempt({ authorization: `Bearer ${served.token}` })).toBe('open');
  });
  it('without a token is refused', async () => {
    expect(await attempt({ origin: served.url.origin })).toBe(401);
  });
  it('of another site is refused even with the cookie', async () => {
    expect(await attempt({ ...cookie(), origin: 'https://evil.example' })).toBe(403);
    expect(await attempt({ ...cookie(), origin: 'http://127.0.0.1:1' })).toBe(403);
  });
  it('without an origin is refused even with the cookie', async () => {
    expect(await attempt(cookie())).toBe(403);
  });
  it('under a foreign name is refused', async () => {
    expect(await attempt({ ...cookie(), origin: 'http://evil.example', host: 'evil.example' })).toBe(421);
  });
  it('elsewhere than at /trpc is refused', async () => {
    expect(await attempt({ authorization: `Bearer ${served.token}` }, '/')).toBe(404);
  });

  it('that sends more than 16 MiB at once is closed as too big', async () => {
    const socket = new WebSocket(`ws://${served.url.host}/trpc`, {
      headers: { authorization: `Bearer ${served.token}` },
    });
    const code = await new Promise((resolve) => {
      socket.on('open', () => socket.send('x'.repeat(16 * 2 ** 20 + 1)));
      socket.on('close', resolve);
      socket.on('error', () => {});
    });
    expect(code).toBe(1009);
  });

  it('that sends binary is closed', async () => {
    const socket = new WebSocket(`ws://${served.url.host}/trpc`, {
      headers: { authorization: `Bearer ${served.token}` },
    });
    const code = await new Promise((resolve) => {
      socket.on('open', () => socket.send(Buffer.of(1, 2, 3)));
      socket.on('close', resolve);
    });
    expect(code).toBe(1003);
  });
});

describe('startServer', () => {
  const options = () => ({
    workspace: createFakeWorkspace(),
    version: '1.2.3',
    roots: [served.root],
    openFiles: [],
    stateDirectory: served.folder,
    samplePath: `${served.folder}/sample.safetensors`,
    pagesDirectory: `${served.folder}/pages`,
  });

  it('listens on loopback unless told otherwise', () => {
    expect(served.url.hostname).toBe('127.0.0.1');
  });

  it('warns in one line when other machines can reach it, and prints an address that a browser can open', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const server = await startServer({ ...options(), host: '0.0.0.0' });
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^Listening on 0\.0\.0\.0: other machines .*$/)]]);
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
    await server.close();
    warn.mockRestore();
  });

  it.each([
    ['a port in use', () => ({ port: Number(served.url.port) }), /in use.*--port/],
    ['an address of another machine', () => ({ host: '192.0.2.1' }), /not an address of this machine/],
    ['a root that is absent', () => ({ roots: ['/nowhere'] }), /The root \/nowhere does not exist/],
    ['a root that is a file', () => ({ roots: [options().samplePath] }), /is not a folder/],
    ['pages that are not built', () => ({ pagesDirectory: '/nowhere' }), /npm run build/],
    ['a file that is absent', () => ({ openFiles: ['/nowhere/a.safetensors'] }), /a\.safetensors does not exist/],
  ])('says what to do about %s', async (_case, change, message) => {
    await expect(startServer({ ...options(), ...change() })).rejects.toThrow(message);
  });

  it('opens the files it was given under their own names', async () => {
    const workspace = createFakeWorkspace();
    const server = await startServer({ ...options(), workspace, openFiles: [`${served.root}/model.safetensors`] });
    await server.close();
    expect(workspace.opened).toEqual([
      { path: `${served.root}/model.safetensors`, options: { name: 'model.safetensors', savable: true } },
    ]);
    expect((await stat(`${served.folder}/recent.json`)).mode & 0o777).toBe(0o600);
  });
});
