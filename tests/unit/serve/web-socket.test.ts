import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { WebSocket } from 'ws';
import { startServer } from '../../../cli/serve/server.ts';
import type { AppRouter } from '../../../core/api/router.ts';
import { contractSuite } from '../api/contract-suite.ts';
import { serveFixture } from './fixture.ts';

contractSuite('a WebSocket', async (workspace, filePath) => {
  const fixture = await serveFixture();
  const { url: printed, close } = await startServer({
    workspace,
    version: '1.2.3',
    roots: [join(filePath, '..')],
    openFiles: [],
    stateDirectory: join(fixture.folder, 'state'),
    samplePath: filePath,
    pagesDirectory: join(fixture.folder, 'pages'),
  });
  const url = new URL(printed);
  const headers = { authorization: `Bearer ${url.searchParams.get('token')}` };
  class AuthorizedSocket extends WebSocket {
    constructor(address: string) {
      super(address, { headers });
    }
  }
  const socket = createWSClient({
    url: `ws://${url.host}/trpc`,
    WebSocket: AuthorizedSocket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 60_000,
  });
  const bare = new AuthorizedSocket(`ws://${url.host}/trpc`);
  const received: unknown[] = [];
  bare.on('message', (data) => received.push(JSON.parse(String(data))));
  await new Promise((open) => bare.once('open', open));
  return {
    client: createTRPCClient<AppRouter>({ links: [wsLink<AppRouter>({ client: socket })] }),
    send: (message) => bare.send(JSON.stringify(message)),
    encodeCall: (id, path, input) => ({ id, method: 'query', params: { path, input } }),
    encodeStop: (id) => ({ id, method: 'subscription.stop' }),
    received,
    disconnect: () => socket.connection?.ws.close(),
    file: { kind: 'root', root: 'root-1', path: 'model.safetensors' },
    close: async () => {
      bare.terminate();
      await socket.close();
      await close();
      await fixture.close();
      await rm(fixture.folder, { recursive: true, force: true });
    },
  };
});
