import { TRPCClientError } from '@trpc/client';
import type { SerializedError } from '../contract.ts';

/** A failure of `/bytes/…` or `/upload`, with the host's code and message. */
export class HostError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'HostError';
    this.code = code;
  }
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What to tell the user: the host's own sentence where it sent one. */
export function failureOf(error: unknown): Failure {
  const serialized = serializedError(error);
  if (serialized) return serialized;
  if (error instanceof HostError) return { code: error.code, message: error.message };
  if (error instanceof Error) return { code: 'UNKNOWN', message: error.message };
  return { code: 'UNKNOWN', message: String(error) };
}

/** True where the work was stopped on purpose: nothing to report. */
export function isCancelled(error: unknown): boolean {
  if (error instanceof DOMException && error.name === 'AbortError') return true;
  if (error instanceof TRPCClientError && error.cause instanceof DOMException && error.cause.name === 'AbortError') {
    return true;
  }
  return failureOf(error).code === 'CANCELLED';
}

function serializedError(error: unknown): SerializedError | null {
  if (!(error instanceof TRPCClientError)) return null;
  const data: unknown = error.data;
  if (typeof data !== 'object' || data === null || !('parascope' in data)) return null;
  return (data.parascope as SerializedError | null) ?? null;
}
