import type { HostMessage, PageBridge, PageMessage } from '../contract.ts';

type Call = Exclude<PageMessage, { readonly type: 'stop' }>;

export interface WebSocketBridgeOptions {
  readonly connect: () => WebSocket;
  readonly onOpen: () => void;
  readonly onClose: () => void;
  /** How long to wait before the next attempt, in milliseconds; `attempt` counts from 0. */
  readonly retryDelay: (attempt: number) => number;
}

/** What tRPC's protocol answers with (https://trpc.io/docs/rpc). */
type Answer =
  | { readonly id: number; readonly result: { readonly type: 'data'; readonly data?: unknown } }
  | { readonly id: number; readonly result: { readonly type: 'started' | 'stopped' } }
  | (Omit<Extract<HostMessage, { readonly type: 'error' }>, 'type'> & { readonly result?: undefined });

/**
 * The message transport over a WebSocket that is made anew whenever it breaks. tRPC's own WebSocket
 * link tells the host of stopped subscriptions alone; here an aborted query reaches the host, which
 * then stops reading. After a break, subscriptions go on; queries and mutations that were under way
 * fail, since nobody knows whether they were done.
 */
export function webSocketBridge(options: WebSocketBridgeOptions): Pick<PageBridge<File>, 'send' | 'onMessage'> {
  const listeners = new Set<(message: HostMessage) => void>();
  const calls = new Map<number, { readonly call: Call; sent: boolean }>();
  let socket: WebSocket | null = null;
  let attempt = 0;

  const tell = (message: HostMessage): void => {
    const isLast = message.type !== 'result' || calls.get(message.id)?.call.type !== 'subscription';
    if (isLast && message.id !== null) calls.delete(message.id);
    for (const listener of listeners) listener(message);
  };
  const transmit = (message: PageMessage): boolean => {
    if (socket?.readyState !== WEB_SOCKET_OPEN) return false;
    socket.send(JSON.stringify(toRpc(message)));
    return true;
  };
  const onOpen = (): void => {
    attempt = 0;
    for (const entry of calls.values()) if (!entry.sent) entry.sent = transmit(entry.call);
    // Last, since whoever hears of it may send calls of its own.
    options.onOpen();
  };
  const onClose = (): void => {
    options.onClose();
    for (const [id, entry] of calls) {
      if (entry.call.type === 'subscription') entry.sent = false;
      else if (entry.sent) tell({ id, type: 'error', error: CONNECTION_LOST });
    }
    setTimeout(open, options.retryDelay(attempt++));
  };
  const open = (): void => {
    socket = options.connect();
    socket.addEventListener('open', onOpen);
    socket.addEventListener('close', onClose);
    socket.addEventListener('message', ({ data }) => {
      const message = fromRpc(JSON.parse(String(data)) as Answer);
      if (message) tell(message);
    });
  };
  open();

  return {
    send(message) {
      if (message.type !== 'stop') {
        calls.set(message.id, { call: message, sent: transmit(message) });
        return;
      }
      if (calls.get(message.id)?.sent) transmit(message);
      calls.delete(message.id);
    },
    onMessage(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

const WEB_SOCKET_OPEN = 1;

const CONNECTION_LOST: Extract<HostMessage, { readonly type: 'error' }>['error'] = {
  code: -32603,
  message: 'The connection to the server was lost before it answered. Look whether it was done, and try again.',
  data: { code: 'INTERNAL_SERVER_ERROR', parascope: null },
};

function toRpc(message: PageMessage): object {
  return message.type === 'stop'
    ? { id: message.id, method: 'subscription.stop' }
    : { id: message.id, method: message.type, params: { path: message.path, input: message.input } };
}

function fromRpc(answer: Answer): HostMessage | null {
  if (answer.result === undefined) return { ...answer, type: 'error' };
  switch (answer.result.type) {
    case 'data':
      return { id: answer.id, type: 'result', result: answer.result.data };
    case 'stopped':
      return { id: answer.id, type: 'done' };
    case 'started':
      return null;
    default:
      return answer.result satisfies never;
  }
}
