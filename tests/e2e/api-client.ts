import { createTRPCClient, createWSClient, type TRPCClient, wsLink } from '@trpc/client';
import { WebSocket } from 'ws';
import type { AppRouter } from '../../core/api/types.ts';

export interface ApiClient {
  readonly api: TRPCClient<AppRouter>;
  close(): void;
}

/** A program's client of a running `serve`: the token of the printed URL as a bearer token. */
export function connect(printedUrl: string): ApiClient {
  const url = new URL(printedUrl);
  const token = url.searchParams.get('token') ?? '';
  class AuthorizedSocket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${token}` } });
    }
  }
  const socket = createWSClient({
    url: `ws://${url.host}/trpc`,
    WebSocket: AuthorizedSocket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 1_000_000,
  });
  const api = createTRPCClient<AppRouter>({ links: [wsLink<AppRouter>({ client: socket })] });
  return { api, close: () => void socket.close().catch(() => {}) };
}
