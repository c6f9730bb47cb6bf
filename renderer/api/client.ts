import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import type { AppRouter } from '../contract.ts';
import { useConnection } from '../store/connection.ts';
import { ipcLink } from './ipc-link.ts';

const RETRY_LIMIT_MS = 5_000;

/** The one client of the page: over the preload's bridge in the desktop window, else over WebSocket. */
export const client = createTRPCClient<AppRouter>({
  links: [window.parascope ? ipcLink(window.parascope) : webSocketLink()],
});

function webSocketLink(): ReturnType<typeof wsLink<AppRouter>> {
  const { protocol, host } = window.location;
  const connection = createWSClient({
    url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/trpc`,
    retryDelayMs: (attempt) => Math.min(RETRY_LIMIT_MS, 250 * 2 ** attempt),
    onOpen: () => useConnection.getState().set('open'),
    onClose: () => useConnection.getState().set('lost'),
  });
  return wsLink<AppRouter>({ client: connection });
}
