import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter, HostMessage, PageBridge, PageMessage } from '../contract.ts';

type Listener = (message: HostMessage) => void;

/** The page's half of the message transport: tRPC calls as numbered messages over the preload's bridge or a WebSocket. */
export function messageLink(bridge: Pick<PageBridge<File>, 'send' | 'onMessage'>): TRPCLink<AppRouter> {
  const listeners = new Map<number, Listener>();
  let lastId = 0;
  bridge.onMessage((message) => {
    if (message.id !== null) listeners.get(message.id)?.(message);
  });

  return () =>
    ({ op }) =>
      observable((observer) => {
        const id = ++lastId;
        const finish = (): void => {
          listeners.delete(id);
        };
        listeners.set(id, (message) => {
          switch (message.type) {
            case 'result':
              observer.next({ result: { type: 'data', data: message.result } });
              if (op.type === 'subscription') return;
              finish();
              observer.complete();
              return;
            case 'done':
              finish();
              observer.complete();
              return;
            case 'error':
              finish();
              observer.error(TRPCClientError.from({ error: message.error }));
          }
        });
        const call = { id, type: op.type, path: op.path };
        bridge.send((op.input === undefined ? call : { ...call, input: op.input }) satisfies PageMessage);

        const stop = (): void => {
          if (!listeners.has(id)) return;
          finish();
          bridge.send({ id, type: 'stop' });
        };
        const onAbort = (): void => {
          stop();
          observer.error(TRPCClientError.from(new DOMException('Cancelled.', 'AbortError')));
        };
        op.signal?.addEventListener('abort', onAbort, { once: true });
        return () => {
          op.signal?.removeEventListener('abort', onAbort);
          stop();
        };
      });
}
