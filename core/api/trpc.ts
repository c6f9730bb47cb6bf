import { initTRPC } from '@trpc/server';
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

/** tRPC keeps only a message by itself; our code and details ride along as `data.parascope`. */
export const trpc = initTRPC.context<ApiContext>().create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: error.cause instanceof ParascopeError ? error.cause.message : shape.message,
    data: { code: shape.data.code, path: shape.data.path, parascope: serialize(error.cause) },
  }),
});
