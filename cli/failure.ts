import { type ErrorCode, isSerializedError, ParascopeError, type SerializedError } from '../core/errors.ts';
import { printable, toJSON } from './output.ts';
import { EXIT } from './usage.ts';

const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: EXIT.usage,
  CHECKPOINT_FORMAT: EXIT.unreadable,
  UNSAFE_CHECKPOINT: EXIT.unreadable,
  FILE_ACCESS: EXIT.unreadable,
};

/** Says on stderr what went wrong, one line or one JSON document, and returns the exit status. */
export function reportFailure(error: unknown, json: boolean): number {
  const known = describe(error);
  if (json) {
    const { code, message, details } = known ?? { code: 'INTERNAL', message: String(error), details: {} };
    process.stderr.write(`${toJSON({ error: { code, message, ...details } })}\n`);
  } else if (known) {
    process.stderr.write(`parascope: ${printable(known.message)}\n`);
  } else {
    process.stderr.write(`parascope: a bug: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
  return (known && STATUS_BY_CODE[known.code]) ?? EXIT.failed;
}

function describe(error: unknown): SerializedError | null {
  if (error instanceof ParascopeError) return error.toJSON();
  return isSerializedError(error) ? error : null;
}
