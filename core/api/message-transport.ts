import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
  type TRPCErrorShape,
} from '@trpc/server';
import { z } from 'zod';
import { ParascopeError } from '../errors.ts';
import type { FileRef } from './file-access.ts';
import type { ApiContext } from './trpc.ts';

/**
 * tRPC over any pair of ports that carry structured-cloneable messages: Electron's IPC, or a direct
 * call in tests. The page numbers its calls; `stop` aborts a call of any kind, and nothing more is
 * posted for its number after that.
 */
const callId = z.int().nonnegative();

export const pageMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    id: callId,
    type: z.enum(['query', 'mutation', 'subscription']),
    /** Procedure path with dots: `documents.open`. */
    path: z.string().min(1).max(128),
    input: z.unknown().optional(),
  }),
  z.strictObject({ id: callId, type: z.literal('stop') }),
]);

/** From the page to the host. */
export type PageMessage =
  | {
      readonly id: number;
      readonly type: 'query' | 'mutation' | 'subscription';
      readonly path: string;
      readonly input?: unknown;
    }
  | { readonly id: number; readonly type: 'stop' };

/**
 * From the host to the page. A query or mutation is answered by one `result` or one `error`; a
 * subscription by any number of `result`s, then `done` or `error`. `error` is a tRPC error shape
 * whose `data.parascope` is a `SerializedError` or null. `id` is null where the message that failed
 * had no readable id.
 */
export type HostMessage =
  | { readonly id: number; readonly type: 'result'; readonly result: unknown }
  | { readonly id: number; readonly type: 'done' }
  | { readonly id: number | null; readonly type: 'error'; readonly error: TRPCErrorShape };

/** The page's way to its host; `DroppedFile` is the DOM's `File`. */
export interface PageBridge<DroppedFile> {
  send(message: PageMessage): void;
  /** Returns the function that ends the listening. */
  onMessage(listener: (message: HostMessage) => void): () => void;
  /** Grants the file that was dropped on the window; rejects with a message for the user. */
  fileForDrop(file: DroppedFile): Promise<FileRef>;
}

/** The host's half of one page's transport. */
export interface MessageHost {
  /** Takes whatever the page sent; what is no `PageMessage` is answered by an error. */
  receive(message: unknown): void;
  /**
   * The page is gone: nothing is posted after that. Queries and subscriptions are aborted; a mutation
   * (a save) goes on to its end, as it would behind a page that is still there.
   */
  close(): void;
}

export interface MessageHostOptions {
  readonly router: AnyTRPCRouter;
  readonly context: ApiContext;
  /** May throw where a result cannot be cloned; the call is then answered by an error. */
  readonly post: (message: HostMessage) => void;
  /** Told of the failures that no error class foresaw. */
  readonly onUnforeseen?: (error: TRPCError) => void;
}

type Call = Exclude<PageMessage, { readonly type: 'stop' }>;

export function createMessageHost(options: MessageHostOptions): MessageHost {
  const calls = new Map<number, { readonly type: Call['type']; readonly controller: AbortController }>();
  let closed = false;

  const start = (call: Call): void => {
    if (calls.has(call.id)) {
      const error = new TRPCError({ code: 'BAD_REQUEST', message: `Call number ${call.id} is already in use.` });
      options.post({ id: call.id, type: 'error', error: shapeOf(options, error, call) });
      return;
    }
    const controller = new AbortController();
    const entry = { type: call.type, controller };
    calls.set(call.id, entry);
    const post = (message: HostMessage): void => {
      if (!closed && !controller.signal.aborted) options.post(message);
    };
    answer(options, call, { post, signal: controller.signal })
      .catch((cause: unknown) => {
        const error = getTRPCErrorFromUnknown(cause);
        post({ id: call.id, type: 'error', error: shapeOf(options, error, call) });
      })
      .finally(() => {
        if (calls.get(call.id) === entry) calls.delete(call.id);
      });
  };

  return {
    receive(message) {
      if (closed) return;
      const parsed = pageMessageSchema.safeParse(message);
      if (!parsed.success) {
        const error = new TRPCError({ code: 'PARSE_ERROR', message: 'The message is malformed.', cause: parsed.error });
        options.post({ id: readableId(message), type: 'error', error: shapeOf(options, error) });
      } else if (parsed.data.type === 'stop') {
        calls.get(parsed.data.id)?.controller.abort();
        calls.delete(parsed.data.id);
      } else {
        start(parsed.data);
      }
    },
    close() {
      closed = true;
      for (const { type, controller } of calls.values()) if (type !== 'mutation') controller.abort();
      calls.clear();
    },
  };
}

async function answer(
  { router, context }: MessageHostOptions,
  { id, type, path, input }: Call,
  { post, signal }: { post: (message: HostMessage) => void; signal: AbortSignal },
): Promise<void> {
  const result: unknown = await callTRPCProcedure({
    router,
    path,
    type,
    ctx: context,
    getRawInput: async () => input,
    signal,
    batchIndex: 0,
  });
  if (type !== 'subscription') {
    post({ id, type: 'result', result });
    return;
  }
  for await (const item of iterated(result, path)) {
    if (signal.aborted) return;
    post({ id, type: 'result', result: item });
  }
  post({ id, type: 'done' });
}

function iterated(result: unknown, path: string): AsyncIterable<unknown> {
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
    return result as AsyncIterable<unknown>;
  }
  throw new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: `Subscription ${path} yields no sequence.` });
}

function shapeOf({ router, context, onUnforeseen }: MessageHostOptions, error: TRPCError, call?: Call): TRPCErrorShape {
  if (error.code === 'INTERNAL_SERVER_ERROR' && !(error.cause instanceof ParascopeError)) onUnforeseen?.(error);
  return getTRPCErrorShape({
    config: router._def._config,
    error,
    type: call?.type ?? 'unknown',
    path: call?.path,
    input: call?.input,
    ctx: context,
  });
}

function readableId(message: unknown): number | null {
  const parsed = z.object({ id: callId }).safeParse(message);
  return parsed.success ? parsed.data.id : null;
}
