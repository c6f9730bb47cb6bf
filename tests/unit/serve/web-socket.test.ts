import { createTRPCClient } from '@trpc/client';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { messageLink } from '../../../renderer/api/message-link.ts';
import { webSocketBridge } from '../../../renderer/api/web-socket-bridge.ts';
import { contractSuite } from '../api/contract-suite.ts';
import { eventually } from '../api/eventually.ts';
import { createFakeWorkspace } from '../api/fake-workspace.ts';
import { type Served, serveFixture } from './fixture.ts';

function connect({ url, token }: Served): WebSocket {
  const socket = new WebSocket(`ws://${url.host}/trpc`, { headers: { authorization: `Bearer ${token}` } });
  // As in a browser: a connection that fails only closes.
  socket.on('error', () => {});
  return socket;
}

/** The page's own half, on the sockets of Node. */
function connectPage(served: Served, retryDelay = 60_000) {
  const sockets: WebSocket[] = [];
  const onClose = vi.fn();
  const bridge = webSocketBridge({
    connect: () => {
      const socket = connect(served);
      sockets.push(socket);
      return socket as unknown as globalThis.WebSocket;
    },
    onOpen: () => {},
    onClose,
    retryDelay: () => retryDelay,
  });
  const link = messageLink(bridge);
  return { client: createTRPCClient({ links: [link] }), sockets, onClose };
}

contractSuite('a WebSocket', async (workspace) => {
  const fixture = await serveFixture({ workspace });
  const { client, sockets } = connectPage(fixture);
  const bare = connect(fixture);
  const received: unknown[] = [];
  bare.on('message', (data) => received.push(JSON.parse(String(data))));
  await new Promise((open) => bare.once('open', open));
  return {
    client,
    send: (message) => bare.send(JSON.stringify(message)),
    encodeCall: (id, path, input) => ({ id, method: 'query', params: { path, input } }),
    encodeStop: (id) => ({ id, method: 'subscription.stop' }),
    received,
    disconnect: () => sockets[0]?.terminate(),
    file: { kind: 'root', root: 'root-1', path: 'model.safetensors' },
    close: async () => {
      bare.terminate();
      for (const socket of sockets) socket.terminate();
      await fixture.close();
    },
  };
});

describe('a connection that breaks', () => {
  it('fails what was under way, goes on with subscriptions, and sends what waited', async () => {
    const workspace = createFakeWorkspace();
    const fixture = await serveFixture({ workspace });
    const { client, sockets, onClose } = connectPage(fixture, 50);
    const { id } = await client.documents.open.mutate({
      file: { kind: 'root', root: 'root-1', path: 'model.safetensors' },
    });
    const seen: unknown[] = [];
    client.events.subscribe(undefined, { onData: (event) => seen.push(event) });
    const work = workspace.holdNextWork();
    const lost = client.tensors.stats.query({ document: id, tensor: 0 }).catch((error) => error);
    await work.started;
    await eventually(() => expect(workspace.listeners()).toBe(1));
    sockets[0]?.terminate();
    expect((await lost).message).toMatch(/connection to the server was lost/);
    expect(onClose).toHaveBeenCalledOnce();
    await expect(client.tasks.list.query()).resolves.toEqual([]);
    await eventually(() => expect(workspace.listeners()).toBe(1));
    workspace.emit({ type: 'closed', document: 'x' });
    await eventually(() => expect(seen).toEqual([{ type: 'closed', document: 'x' }]));
    expect(sockets).toHaveLength(2);
    await fixture.close();
  });
});
