import { once } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { contentDisposition } from '../../../cli/serve/downloads.ts';
import { createScratch } from '../../../cli/serve/scratch.ts';
import { Uploads } from '../../../cli/serve/uploads.ts';
import { Grants } from '../../../core/api/grants.ts';
import type { AppRouter } from '../../../core/api/router.ts';
import type { FileRef } from '../../../core/api/types.ts';
import { eventually } from '../api/eventually.ts';
import { type Served, serveFixture } from './fixture.ts';

const PIECE = 8 * 2 ** 20;

let served: Served;
let api: ReturnType<typeof connectApi>;
beforeEach(async () => {
  served = await serveFixture();
  api = connectApi(served);
});
afterEach(async () => {
  api.socket.close();
  await served.close();
});

function connectApi({ url, token }: Served) {
  class AuthorizedSocket extends WebSocket {
    constructor(address: string) {
      super(address, { headers: { authorization: `Bearer ${token}` } });
    }
  }
  const socket = createWSClient({
    url: `ws://${url.host}/trpc`,
    WebSocket: AuthorizedSocket as unknown as typeof globalThis.WebSocket,
  });
  return { socket, client: createTRPCClient<AppRouter>({ links: [wsLink<AppRouter>({ client: socket })] }) };
}

async function begin(size: number, name = 'model.safetensors'): Promise<string> {
  const answer = await served.ask('POST', `/upload?name=${encodeURIComponent(name)}&size=${size}`);
  expect(answer.status).toBe(201);
  return String(answer.json().id);
}

const put = (id: string, offset: number, body: Uint8Array) =>
  served.ask('PUT', `/upload/${id}?offset=${offset}`, { body });

/** Where the upload lies, told by opening it. */
async function uploadedPath(file: unknown): Promise<string> {
  await api.client.documents.open.mutate({ file: file as FileRef });
  return served.workspace.opened.at(-1)?.path ?? '';
}

describe('an upload', () => {
  it('in pieces becomes a file that opens under its own name and cannot be saved over', async () => {
    const bytes = new Uint8Array(PIECE + 5).map((_, i) => i % 251);
    const id = await begin(bytes.length, '../../weird/model.safetensors');
    expect((await put(id, 0, bytes.subarray(0, PIECE))).json()).toEqual({ received: PIECE });
    expect((await put(id, PIECE, bytes.subarray(PIECE))).json()).toEqual({ received: PIECE + 5 });
    const { file } = (await served.ask('POST', `/upload/${id}/finish`)).json();
    const path = await uploadedPath(file);
    expect(served.workspace.opened.at(-1)?.options).toMatchObject({ name: 'model.safetensors', savable: false });
    expect(Buffer.from(bytes).equals(await readFile(path))).toBe(true);
    expect((await api.client.app.offered.query()).recent).toEqual([]);
  });

  it('may be empty', async () => {
    const id = await begin(0);
    expect((await served.ask('POST', `/upload/${id}/finish`)).status).toBe(200);
  });

  it('with a piece out of order is told which is expected', async () => {
    const id = await begin(10);
    await put(id, 0, new Uint8Array(4));
    const answer = await put(id, 8, new Uint8Array(2));
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({ details: { expected: 4 } });
    expect((await served.ask('POST', `/upload/${id}/finish`)).status).toBe(409);
    expect((await put(id, 4, new Uint8Array(6))).json()).toEqual({ received: 10 });
  });

  it('with more bytes than announced is refused, and keeps what was right', async () => {
    const id = await begin(4);
    expect((await put(id, 0, new Uint8Array(5))).status).toBe(413);
    expect((await put(id, 0, new Uint8Array(4))).json()).toEqual({ received: 4 });
  });

  it('with a piece above 8 MiB is refused', async () => {
    const id = await begin(PIECE * 2);
    expect((await put(id, 0, new Uint8Array(PIECE + 1))).status).toBe(413);
  });

  it('that breaks off in a piece can go on where that piece began', async () => {
    const id = await begin(1_000);
    await put(id, 0, new Uint8Array(100));
    const half = request({
      hostname: served.url.hostname,
      port: served.url.port,
      method: 'PUT',
      path: `/upload/${id}?offset=100`,
      headers: { authorization: `Bearer ${served.token}`, 'content-length': '900' },
    });
    half.on('error', () => {});
    half.write(new Uint8Array(450));
    await once(half, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 50));
    half.destroy();
    await eventually(async () => {
      expect((await put(id, 100, new Uint8Array(900).fill(1))).json()).toEqual({ received: 1_000 });
    });
    const { file } = (await served.ask('POST', `/upload/${id}/finish`)).json();
    const bytes = await readFile(await uploadedPath(file));
    expect(bytes.subarray(100)).toEqual(Buffer.alloc(900, 1));
  });

  it('that is cancelled leaves nothing behind', async () => {
    const id = await begin(10);
    await put(id, 0, new Uint8Array(4));
    expect((await served.ask('DELETE', `/upload/${id}`)).status).toBe(204);
    expect((await put(id, 4, new Uint8Array(6))).status).toBe(404);
    expect((await served.ask('DELETE', `/upload/${id}`)).status).toBe(404);
  });

  it('of more than the disk holds is refused before the first piece, in words', async () => {
    const answer = await served.ask('POST', '/upload?name=huge.safetensors&size=9000000000000000');
    expect(answer.status).toBe(507);
    expect(answer.json()).toMatchObject({
      code: 'FILE_ACCESS',
      message: expect.stringMatching(/^huge\.safetensors needs 9000000000000000 bytes, but .* has room for \d+\.$/),
    });
  });

  it.each([
    '/upload',
    '/upload?name=a',
    '/upload?name=a&size=-1',
    '/upload?name=a&size=1e3',
    '/upload?name=a&size=99999999999999999',
    '/upload?name=&size=1',
    '/upload?name=folder/&size=1',
    `/upload?name=${'a'.repeat(256)}&size=1`,
  ])('asked for as %s is malformed', async (path) => {
    const answer = await served.ask('POST', path);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/malformed/) });
  });

  it.each(['/upload/x?offset=0', '/upload/..%2f..%2fsecret.txt?offset=0', '/upload/__proto__?offset=0'])(
    'that was never begun is not found: %s',
    async (path) => {
      expect((await served.ask('PUT', path, { body: 'x' })).status).toBe(404);
    },
  );
});

describe('free space for uploads', () => {
  it('counts what other uploads still have to come', async () => {
    const scratch = { ...(await createScratch()), available: async () => 100 };
    const uploads = new Uploads({ scratch, grants: new Grants(), isOpen: () => false });
    const first = await uploads.begin('a', 60);
    await expect(uploads.begin('b', 60)).rejects.toMatchObject({ status: 507, body: { details: { available: 40 } } });
    await uploads.cancel(first);
    await expect(uploads.begin('b', 60)).resolves.toEqual(expect.any(String));
    uploads.close();
    await scratch.remove();
    await expect(access(scratch.directory)).rejects.toThrow();
  });
});

describe('uploads that nobody uses', () => {
  it('are removed after a while, and the page can no longer name them; those in use stay', async () => {
    const scratch = await createScratch();
    const grants = new Grants();
    const open = new Set<string>();
    const uploads = new Uploads({ scratch, grants, isOpen: (path) => open.has(path) });
    const arrive = async () => uploads.finish(await uploads.begin('empty.safetensors', 0));
    const [used, unused] = [await arrive(), await arrive()];
    const begun = await uploads.begin('partial.safetensors', 10);
    open.add(grants.find(idOf(used)).path);
    uploads.sweep(Date.now());
    expect(await readdir(scratch.directory)).toHaveLength(3);
    uploads.sweep(Date.now() + 16 * 60_000);
    await eventually(async () => expect(await readdir(scratch.directory)).toHaveLength(1));
    expect(grants.find(idOf(used)).name).toBe('empty.safetensors');
    expect(() => grants.find(idOf(unused))).toThrow(/not open to the page/);
    await expect(uploads.cancel(begun)).rejects.toMatchObject({ status: 404 });
    uploads.close();
    await scratch.remove();
  });

  const idOf = (ref: FileRef): string => (ref.kind === 'grant' ? ref.id : '');
});

describe('uploads of one group', () => {
  const start = async (name: string, group: string) => {
    const answer = await served.ask('POST', `/upload?name=${name}&size=0&group=${group}`);
    return { status: answer.status, id: String(answer.json().id), message: String(answer.json().message) };
  };
  const finish = async (id: string) => (await served.ask('POST', `/upload/${id}/finish`)).json().file;

  it('lie side by side under their own names; other groups lie elsewhere', async () => {
    const [index, shard, other] = [await start('a.json', 'g-1'), await start('b', 'g-1'), await start('b', 'g-2')];
    const paths: string[] = [];
    for (const { id } of [index, shard, other]) paths.push(await uploadedPath(await finish(id)));
    expect(paths.map((path) => basename(path))).toEqual(['a.json', 'b', 'b']);
    expect(dirname(paths[1] ?? '')).toBe(dirname(paths[0] ?? ''));
    expect(dirname(paths[2] ?? '')).not.toBe(dirname(paths[0] ?? ''));
  });

  it('cannot have one name twice; the first stays whole', async () => {
    const first = await start('c', 'g-3');
    expect(await start('c', 'g-3')).toMatchObject({ status: 409, message: 'Two files of this drop are named c.' });
    expect(await uploadedPath(await finish(first.id))).toMatch(/c$/);
  });

  it.each(['../x', 'a b', ''])('are malformed as %j', async (group) => {
    expect((await start('d', encodeURIComponent(group))).status).toBe(400);
  });

  it('stay while one of them is open, and go together', async () => {
    const scratch = await createScratch();
    const grants = new Grants();
    const open = new Set<string>();
    const uploads = new Uploads({ scratch, grants, isOpen: (path) => open.has(path) });
    const index = uploads.finish(await uploads.begin('index.json', 0, 'g'));
    uploads.finish(await uploads.begin('shard', 0, 'g'));
    await uploads.cancel(await uploads.begin('unwanted', 10, 'g'));
    const path = grants.find(index.kind === 'grant' ? index.id : '').path;
    open.add(path);
    uploads.sweep(Date.now() + 16 * 60_000);
    expect((await readdir(dirname(path))).sort()).toEqual(['index.json', 'shard']);
    open.clear();
    uploads.sweep(Date.now() + 60 * 60_000);
    await eventually(async () => expect(await readdir(scratch.directory)).toEqual([]));
    uploads.close();
    await scratch.remove();
  });
});

describe('a download', () => {
  const prepare = async (name: string) => {
    const { id } = await api.client.documents.open.mutate({
      file: { kind: 'root', root: 'root-1', path: 'model.safetensors' },
    });
    return api.client.documents.download.mutate({ document: id, name });
  };

  it('has its name, is whole, and can be fetched once', async () => {
    served.workspace.exportBytes = new Uint8Array(3 * 2 ** 20).fill(9);
    const { url } = await prepare('naïve "model".safetensors');
    const answer = await served.ask('GET', url);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(Buffer.alloc(3 * 2 ** 20, 9))).toBe(true);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="na_ve _model_.safetensors"; filename*=UTF-8''na%C3%AFve%20%22model%22.safetensors`,
    );
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect((await served.ask('GET', url)).status).toBe(404);
  });

  it('that nobody asked for is not found', async () => {
    expect((await served.ask('GET', '/download/x')).status).toBe(404);
    expect((await served.ask('GET', '/download/..%2f..%2fsecret.txt')).status).toBe(404);
  });

  it.each(['a\r\nset-cookie: x', 'half \ud800 pair'])('keeps a strange name within its header: %j', async (name) => {
    const { url } = await prepare(name);
    const answer = await served.ask('GET', url);
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('quotes what RFC 5987 does not allow in a name', () => {
    expect(contentDisposition("it's (1)*.x")).toBe(
      `attachment; filename="it's (1)*.x"; filename*=UTF-8''it%27s%20%281%29%2A.x`,
    );
  });
});

describe('bytes', () => {
  it('come with their meta header', async () => {
    await api.client.documents.open.mutate({ file: { kind: 'root', root: 'root-1', path: 'model.safetensors' } });
    const answer = await served.ask('GET', '/bytes/cells/doc-1/0?ranges=0:1:1,0:2:1');
    expect(answer.status).toBe(200);
    expect(JSON.parse(String(answer.headers['parascope-meta']))).toMatchObject({ dtype: 'float32', shape: [2] });
    expect(answer.body).toEqual(Buffer.alloc(16, 7));
  });

  it('say what is wrong without telling paths', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await api.client.documents.open.mutate({ file: { kind: 'root', root: 'root-1', path: 'model.safetensors' } });
    expect((await served.ask('GET', '/bytes/cells/none/0?ranges=0:1:1')).status).toBe(404);
    expect((await served.ask('GET', '/bytes/cells/doc-1/0?ranges=0:x:1')).status).toBe(400);
    const heatmap =
      '/bytes/heatmap/doc-1/0?rowAxis=0&columnAxis=1&index=0,0&rows=0,2&columns=0,2&height=2&width=2&reduce=mean&colorMap=gray';
    const answer = await served.ask('GET', heatmap);
    expect(answer.status).toBe(500);
    expect(answer.body.toString()).not.toContain('secret');
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ message: '/secret/path is broken' }));
    log.mockRestore();
  });

  it('that nobody waits for any more are not computed on', async () => {
    await api.client.documents.open.mutate({ file: { kind: 'root', root: 'root-1', path: 'model.safetensors' } });
    const work = served.workspace.holdNextWork();
    const socket = connect(Number(served.url.port), served.url.hostname);
    socket.write(
      `GET /bytes/cells/doc-1/0?ranges=0:1:1 HTTP/1.1\r\nHost: ${served.url.host}\r\nAuthorization: Bearer ${served.token}\r\n\r\n`,
    );
    await work.started;
    socket.destroy();
    await work.aborted;
  });
});

describe('files of the page', () => {
  it('are the served folder, the sample, and recent files under the roots', async () => {
    const outside = join(served.folder, 'outside/o.safetensors');
    await writeFile(outside, 'x');
    const recent = { version: 1, files: [{ path: outside, openedAt: '2026-01-01T00:00:00.000Z' }] };
    await writeFile(join(served.folder, 'state/recent.json'), JSON.stringify(recent));
    await api.client.documents.open.mutate({ file: { kind: 'root', root: 'root-1', path: 'model.safetensors' } });
    const offered = await api.client.app.offered.query();
    expect(offered.recent).toEqual([
      {
        ref: { kind: 'root', root: 'root-1', path: 'model.safetensors' },
        name: 'model.safetensors',
        where: 'root',
        unsavedEdits: 0,
      },
    ]);
    expect(JSON.stringify(offered)).not.toContain(served.folder);
    await api.client.documents.open.mutate({ file: offered.sample });
    expect(served.workspace.opened.at(-1)?.options).toMatchObject({ name: 'sample.safetensors', savable: false });
    expect((await api.client.app.offered.query()).recent).toHaveLength(1);
  });

  it('cannot be named by an absolute path, an unknown number, or a dialog of the server', async () => {
    const open = (file: unknown) => api.client.documents.open.mutate({ file: file as FileRef });
    await expect(open({ kind: 'path', path: '/etc/passwd' })).rejects.toThrow(/malformed/);
    await expect(open({ kind: 'grant', id: 'guess' })).rejects.toThrow(/not open to the page/);
    await expect(api.client.files.pickForOpening.mutate()).rejects.toThrow(/no file dialogs/);
    const { sample } = await api.client.app.offered.query();
    await api.client.documents.open.mutate({ file: sample });
    await expect(api.client.documents.saveAs.mutate({ document: 'doc-1', file: sample })).rejects.toThrow(
      /cannot be saved over/,
    );
  });
});

describe('the scratch folder', () => {
  it('is removed with the server, and after a process that was killed by the next one', async () => {
    const parent = join(served.folder, 'outside');
    const first = await createScratch(parent);
    const [name = ''] = await readdir(parent);
    // No process has this number: Linux stops at 2^22.
    const abandoned = join(parent, name.replace(`-${process.pid}-`, '-4999999-'));
    await mkdir(abandoned);
    const second = await createScratch(parent);
    expect((await readdir(parent)).sort()).toEqual(
      [first.directory, second.directory].map((d) => d.slice(dirname(d).length + 1)).sort(),
    );
    await first.remove();
    await second.remove();
    expect(await readdir(parent)).toEqual([]);
  });
});
