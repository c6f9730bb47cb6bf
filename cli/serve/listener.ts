import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import type { ApiContext } from '../../core/api/trpc.ts';
import { answerError, RequestError } from './answer.ts';
import { type Address, bind, printableHost } from './bind.ts';
import { answerLogin, answerRefusal } from './pages-route.ts';
import { route, type Services } from './routes.ts';
import { createToken } from './security/credentials.ts';
import { type Identity, judgeRequest } from './security/gate.ts';
import { isLoopback } from './security/host.ts';
import { createWebSocketServer } from './web-socket.ts';

export interface RunningServer {
  /** With the token: whoever has it has the server. */
  readonly url: string;
  close(): Promise<void>;
}

/** Puts the gate before the routes and the WebSockets, and listens. */
export async function listen(address: Address, services: Services, context: ApiContext): Promise<RunningServer> {
  const sockets = createWebSocketServer(context, services.log);
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 300_000, maxHeaderSize: 16_384 });
  server.maxConnections = 512;
  const port = await bind(server, address);
  const names = isLoopback(address.host) ? [address.host] : [address.host, hostname()];
  const identity: Identity = { port, token: createToken(), names };

  server.on('request', (request, response) => {
    handle(request, response, { services, identity }).catch((error: unknown) => {
      if (!request.complete && !response.headersSent) response.setHeader('connection', 'close');
      // A client that went away in the middle needs no answer and is no news.
      if (!response.destroyed) answerError(response, error, services.log);
    });
  });
  server.on('upgrade', (request, socket, head) => upgrade({ request, socket, head }, sockets, identity));
  if (!isLoopback(address.host)) {
    console.warn(
      `Listening on ${address.host}: other machines can reach this server; whoever has its token can read and write the served folders.`,
    );
  }
  return {
    url: `http://${printableHost(address.host)}:${port}/?token=${identity.token}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { services, identity }: { services: Services; identity: Identity },
): Promise<void> {
  const url = parseUrl(request);
  if (!url) throw new RequestError(400, 'INVALID_ARGUMENT', { message: 'The address of the request is malformed.' });
  const verdict = judgeRequest(request, url, identity);
  switch (verdict.allowed) {
    case true:
      return route({ request, response, url }, services);
    case 'login':
      return answerLogin(response, identity, isForeign(request.headers['sec-fetch-site']));
    case false:
      return answerRefusal(response, verdict);
    default:
      return verdict satisfies never;
  }
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function upgrade({ request, socket, head }: Upgrade, sockets: WebSocketServer, identity: Identity): void {
  socket.on('error', () => socket.destroy());
  const url = parseUrl(request);
  const verdict = url && judgeRequest(request, url, identity);
  if (verdict?.allowed === true && url?.pathname === '/trpc') {
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
    return;
  }
  const status = verdict?.allowed === false ? verdict.status : 404;
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function isForeign(site: string | string[] | undefined): boolean {
  return site !== undefined && site !== 'none' && site !== 'same-origin';
}

/** The target of a request, which starts with a slash; only its path and query are ever read. */
function parseUrl({ url = '' }: IncomingMessage): URL | null {
  const absolute = `http://server.invalid${url}`;
  return url.startsWith('/') && URL.canParse(absolute) ? new URL(absolute) : null;
}
