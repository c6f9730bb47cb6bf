import { z } from 'zod';
import type { HostMessage } from './message-transport.ts';

/**
 * tRPC's own WebSocket messages (https://trpc.io/docs/rpc) as those of the message transport and
 * back, so that any tRPC client can speak to `serve`. What does not look like such a message passes
 * through unchanged for the transport to refuse. `subscription.stop` stops a call of any kind, which
 * tRPC's own adapter does for subscriptions alone: a page must be able to cancel a scan of 20 GB.
 */
const rpcCallSchema = z.object({
  id: z.int().nonnegative(),
  method: z.enum(['query', 'mutation', 'subscription']),
  params: z.object({ path: z.string(), input: z.unknown().optional() }),
});
const rpcStopSchema = z.object({ id: z.int().nonnegative(), method: z.literal('subscription.stop') });

export function fromJsonRpc(message: unknown): unknown {
  const call = rpcCallSchema.safeParse(message);
  if (call.success) {
    const { id, method, params } = call.data;
    return { id, type: method, path: params.path, input: params.input };
  }
  const stop = rpcStopSchema.safeParse(message);
  return stop.success ? { id: stop.data.id, type: 'stop' } : message;
}

export function toJsonRpc(message: HostMessage): object {
  switch (message.type) {
    case 'result':
      return { id: message.id, result: { type: 'data', data: message.result } };
    case 'done':
      return { id: message.id, result: { type: 'stopped' } };
    case 'error':
      return { id: message.id, error: message.error };
    default:
      return message satisfies never;
  }
}
