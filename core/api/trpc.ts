import { initTRPC, type TRPCError, type TRPCErrorShape } from '@trpc/server';
import { z } from 'zod';
import { isSerializedError, ParascopeError, type SerializedError } from '../errors.ts';
import type { Workspace } from '../workspace/contract.ts';
import type { FileAccess } from './file-access.ts';

export interface ApiContext {
  readonly workspace: Workspace;
  readonly files: FileAccess;
  readonly version: string;
}

function serialize(cause: unknown): SerializedError | null {
  if (cause instanceof ParascopeError) return cause.toJSON();
  return isSerializedError(cause) ? cause : null;
}

/** What a page may be told: messages of unforeseen failures can hold paths and stay in the host's log. */
function messageOf(error: TRPCError, shape: TRPCErrorShape): string {
  const { cause } = error;
  if (cause instanceof ParascopeError) return cause.message;
  if (cause instanceof z.core.$ZodError) return `The request is malformed: ${z.prettifyError(cause)}`;
  return error.code === 'INTERNAL_SERVER_ERROR'
    ? 'The request failed inside the host; its log has the cause.'
    : shape.message;
}

/** tRPC keeps only a message by itself; our code and details ride along as `data.parascope`. */
export const trpc = initTRPC.context<ApiContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: messageOf(error, shape),
    data: { code: shape.data.code, path: shape.data.path, parascope: serialize(error.cause) },
  }),
});
