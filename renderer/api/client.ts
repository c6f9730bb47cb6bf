import { createTRPCClient } from '@trpc/client';
import type { AppRouter } from '../contract.ts';
import { useConnection } from '../store/connection.ts';
import { messageLink } from './message-link.ts';
import { webSocketBridge } from './web-socket-bridge.ts';

const RETRY_LIMIT_MS = 5_000;
const HTTP_UNAUTHORIZED = 401;

/** The one client of the page: over the preload's bridge in the desktop window, else over WebSocket. */
export const client = createTRPCClient<AppRouter>({
  links: [messageLink(window.parascope ?? serverBridge())],
});

function serverBridge(): ReturnType<typeof webSocketBridge> {
  const { protocol, host } = window.location;
  const url = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/trpc`;
  return webSocketBridge({
    connect: () => new WebSocket(url),
    onOpen: () => useConnection.getState().set('open'),
    onClose: () => void tellLoss(),
    retryDelay: (attempt) => Math.min(RETRY_LIMIT_MS, 250 * 2 ** attempt),
  });
}

/** A WebSocket does not tell why it was not made; a plain request does. */
async function tellLoss(): Promise<void> {
  const connection = useConnection.getState();
  if (connection.state !== 'refused') connection.set('lost');
  const refused = await fetch('/', { method: 'HEAD' }).then(
    ({ status }) => status === HTTP_UNAUTHORIZED,
    () => false,
  );
  if (useConnection.getState().state !== 'open') connection.set(refused ? 'refused' : 'lost');
}
