import { dirname } from 'node:path';
import { createTRPCClient } from '@trpc/client';
import { createMessageHost } from '../../../core/api/message-transport.ts';
import { appRouter } from '../../../core/api/router.ts';
import type { HostMessage } from '../../../core/api/types.ts';
import { messageLink } from '../../../renderer/api/message-link.ts';
import { contractSuite } from './contract-suite.ts';
import { desktopFiles } from './files.ts';

contractSuite('messages in memory', async (workspace, filePath) => {
  const files = desktopFiles({ workspace, folder: dirname(filePath), samplePath: filePath });
  const context = { workspace, files, version: '1.2.3' };
  const listeners = new Set<(message: HostMessage) => void>();
  const received: HostMessage[] = [];
  const clone = <T>(message: T): T => structuredClone(message);
  const page = createMessageHost({
    router: appRouter,
    context,
    post: (message) => {
      for (const listener of listeners) listener(clone(message));
    },
  });
  const bare = createMessageHost({ router: appRouter, context, post: (message) => received.push(clone(message)) });
  const link = messageLink({
    send: (message) => page.receive(clone(message)),
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return {
    client: createTRPCClient({ links: [link] }),
    send: (message) => bare.receive(clone(message)),
    encodeCall: (id, path, input) => ({ id, type: 'query', path, input }),
    encodeStop: (id) => ({ id, type: 'stop' }),
    received,
    disconnect: () => page.close(),
    file: await files.grantExisting(filePath),
    close: async () => {
      page.close();
      bare.close();
    },
  };
});
