import type { ServerResponse } from 'node:http';
import { type ErrorCode, type ErrorDetails, ParascopeError, type SerializedError } from '../../core/errors.ts';

/** A refusal with an HTTP status of its own; the body is a `SerializedError`, as `/bytes/…` answers. */
export class RequestError extends Error {
  readonly status: number;
  readonly body: SerializedError;

  constructor(status: number, code: ErrorCode, failure: { message: string; details?: ErrorDetails }) {
    super(failure.message);
    this.name = 'RequestError';
    this.status = status;
    this.body = { code, message: failure.message, details: failure.details ?? {} };
  }
}

/** What every answer carries, pages and refusals alike. */
export const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

export function answerJson(response: ServerResponse, status: number, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, {
      ...COMMON_HEADERS,
      'content-type': 'application/json',
      'content-length': bytes.length,
      'cache-control': 'no-store',
    })
    .end(bytes);
}

/** Tells the client what it may know; what nobody foresaw goes to the log alone. */
export function answerError(response: ServerResponse, error: unknown, log: (error: unknown) => void): void {
  if (response.headersSent) {
    response.destroy();
    log(error);
  } else if (error instanceof RequestError) {
    answerJson(response, error.status, error.body);
  } else if (error instanceof ParascopeError) {
    answerJson(response, error.code === 'NOT_FOUND' ? 404 : 400, error.toJSON());
  } else {
    log(error);
    const message = 'The request failed inside the server; its log has the cause.';
    answerJson(response, 500, { code: 'INVALID_STATE', message, details: {} });
  }
}
