import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../../cli/serve/server.ts';
import { createFakeWorkspace, type FakeWorkspace } from '../api/fake-workspace.ts';

export interface Served {
  readonly workspace: FakeWorkspace;
  /** Holds `root/`, `pages/`, `state/` and `outside/`. */
  readonly folder: string;
  readonly root: string;
  readonly url: URL;
  readonly token: string;
  /** Sends one request as a program would, with the token; `headers` override. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface AskOptions {
  /** `authorization: undefined` sends none. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: Uint8Array | string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  json(): { readonly [key: string]: unknown };
}

export async function serveFixture(options: { readonly workspace?: FakeWorkspace } = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'parascope-serve-test-'));
  const root = join(folder, 'root');
  for (const name of ['root', 'pages/assets', 'state', 'outside']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'pages/index.html'), '<!doctype html><title>Parascope</title>');
  await writeFile(join(folder, 'pages/assets/index-a1B2c3D4.js'), 'export {};');
  await writeFile(join(folder, 'pages/notes.bak'), 'not a page');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'sample.safetensors'), 'sample');
  await writeFile(join(root, 'model.safetensors'), 'model');
  const workspace = options.workspace ?? createFakeWorkspace();
  const server = await startServer({
    workspace,
    version: '1.2.3',
    roots: [root],
    openFiles: [],
    stateDirectory: join(folder, 'state'),
    samplePath: join(folder, 'sample.safetensors'),
    pagesDirectory: join(folder, 'pages'),
  });
  const url = new URL(server.url);
  const token = url.searchParams.get('token') ?? '';
  return {
    workspace,
    folder,
    root,
    url,
    token,
    ask: (method, path, { headers = {}, body } = {}) =>
      send(url, { method, path, body, headers: { authorization: `Bearer ${token}`, ...headers } }),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array | string | undefined;
}

/** `node:http`, because `fetch` will not send a foreign Host or Origin. */
function send({ hostname, port }: URL, { method, path, headers, body }: Outgoing): Promise<Answer> {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: given, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const received = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: received,
          json: () => JSON.parse(received.toString()),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
