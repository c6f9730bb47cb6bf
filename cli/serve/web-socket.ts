import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { fromJsonRpc, toJsonRpc } from '../../core/api/json-rpc.ts';
import { createMessageHost, type MessageHost } from '../../core/api/message-transport.ts';
import { appRouter } from '../../core/api/router.ts';
import type { ApiContext } from '../../core/api/trpc.ts';

/** The largest message a page has reason to send: an edit that sets a million cells. */
const MAX_MESSAGE_BYTES = 16 * 2 ** 20;
/** A page that leaves this much unread has stopped reading; it can come back and ask anew. */
const MAX_UNREAD_BYTES = 256 * 2 ** 20;
const PING_EVERY_MS = 30_000;

/** The tRPC router over WebSockets; upgrades reach it only after the gate. */
export function createWebSocketServer(context: ApiContext, log: (error: unknown) => void): WebSocketServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  server.on('connection', (socket) => connect(socket, context, log));
  return server;
}

function connect(socket: WebSocket, context: ApiContext, log: (error: unknown) => void): void {
  const send = (message: object): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
    else socket.send(JSON.stringify(message));
  };
  const host = createMessageHost({
    router: appRouter,
    context,
    post: (message) => send(toJsonRpc(message)),
    onUnforeseen: (error) => log(error.cause ?? error),
  });
  socket.on('message', (data, isBinary) => {
    if (isBinary) socket.close(1003, 'Messages are JSON text.');
    else if (String(data) === 'PING') socket.send('PONG');
    else receive(host, data, send);
  });
  // An oversized or malformed frame: ws closes the connection with the right status by itself.
  socket.on('error', () => {});
  const stopPinging = keepAlive(socket);
  socket.once('close', () => {
    stopPinging();
    host.close();
  });
}

function receive(host: MessageHost, data: RawData, send: (message: object) => void): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(String(data));
  } catch {
    host.receive(null);
    return;
  }
  for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
    const call = fromJsonRpc(message);
    if (isSubscription(call)) send({ id: call.id, result: { type: 'started' } });
    host.receive(call);
  }
}

function isSubscription(call: unknown): call is { id: number } {
  return typeof call === 'object' && call !== null && 'type' in call && call.type === 'subscription';
}

/** Ends connections whose other end vanished without a word; returns the function that stops it. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, PING_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
