/**
 * Every failure that Parascope can foresee is one of these classes. `code` is stable and crosses
 * process boundaries; `details` carries what a program may want to act on (offsets, names).
 */

export const ERROR_CODES = [
  'NOT_INITIALIZED',
  'DEFERRED_INITIALIZATION',
  'INVALID_STATE',
  'DEVICE_MISMATCH',
  'SHAPE_MISMATCH',
  'DTYPE_MISMATCH',
  'UNSUPPORTED_DTYPE',
  'INVALID_ARGUMENT',
  'UNSUPPORTED_EDIT',
  'DEVICE_LOST',
  'OUT_OF_MEMORY',
  'CHECKPOINT_FORMAT',
  'UNSAFE_CHECKPOINT',
  'FILE_CHANGED',
  'FILE_ACCESS',
  'SAVE_FAILED',
  'NOT_FOUND',
  'CANCELLED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** What an error looks like in JSON: on stderr with `--json`, over IPC and over WebSocket. */
export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

export class ParascopeError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }

  toJSON(): SerializedError {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** Data or gradient was asked of a Parameter that holds none (Gluon: RuntimeError, P-087). */
export class NotInitializedError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails, code: ErrorCode = 'NOT_INITIALIZED') {
    super(code, message, details);
  }
}

/** The Parameter knows how it will get its value but does not hold it yet (P-086). */
export class DeferredInitializationError extends NotInitializedError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, details, 'DEFERRED_INITIALIZATION');
  }
}

export class InvalidStateError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('INVALID_STATE', message, details);
  }
}

export class DeviceMismatchError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('DEVICE_MISMATCH', message, details);
  }
}

export class ShapeMismatchError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('SHAPE_MISMATCH', message, details);
  }
}

export class DTypeMismatchError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('DTYPE_MISMATCH', message, details);
  }
}

/** The dtype is known, but not what was asked of it: a gpu copy of float64, a cell edit of a packed type. */
export class UnsupportedDTypeError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('UNSUPPORTED_DTYPE', message, details);
  }
}

export class InvalidArgumentError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('INVALID_ARGUMENT', message, details);
  }
}

/** The format of the file that is open cannot hold the edit; a file of another format can. */
export class UnsupportedEditError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('UNSUPPORTED_EDIT', message, details);
  }
}

export class DeviceLostError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('DEVICE_LOST', message, details);
  }
}

export class OutOfMemoryError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('OUT_OF_MEMORY', message, details);
  }
}

/** The file breaks the rules of its format. `details.offset` is the byte where it does, where there is one. */
export class CheckpointFormatError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('CHECKPOINT_FORMAT', message, details);
  }
}

/** Reading on would run code, leave the folder, or take more memory than the file can justify. */
export class UnsafeCheckpointError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('UNSAFE_CHECKPOINT', message, details);
  }
}

/** The file on disk is not the one that was opened: its size or modification time differ, or it is gone. */
export class FileChangedError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('FILE_CHANGED', message, details);
  }
}

/** The file cannot be reached: absent, a folder, no permission, outside the served roots. */
export class FileAccessError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('FILE_ACCESS', message, details);
  }
}

/** Nothing was replaced: the file that was to be saved over is as it was. */
export class SaveFailedError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('SAVE_FAILED', message, details);
  }
}

/** No tensor, document or task has that name. */
export class NotFoundError extends ParascopeError {
  constructor(message: string, details?: ErrorDetails) {
    super('NOT_FOUND', message, details);
  }
}

/** The user, or a closed view, cancelled the work. */
export class CancelledError extends ParascopeError {
  constructor(message = 'Cancelled.', details?: ErrorDetails) {
    super('CANCELLED', message, details);
  }
}

const CLASS_BY_CODE: Record<ErrorCode, (message: string, details: ErrorDetails) => ParascopeError> = {
  NOT_INITIALIZED: (m, d) => new NotInitializedError(m, d),
  DEFERRED_INITIALIZATION: (m, d) => new DeferredInitializationError(m, d),
  INVALID_STATE: (m, d) => new InvalidStateError(m, d),
  DEVICE_MISMATCH: (m, d) => new DeviceMismatchError(m, d),
  SHAPE_MISMATCH: (m, d) => new ShapeMismatchError(m, d),
  DTYPE_MISMATCH: (m, d) => new DTypeMismatchError(m, d),
  UNSUPPORTED_DTYPE: (m, d) => new UnsupportedDTypeError(m, d),
  INVALID_ARGUMENT: (m, d) => new InvalidArgumentError(m, d),
  UNSUPPORTED_EDIT: (m, d) => new UnsupportedEditError(m, d),
  DEVICE_LOST: (m, d) => new DeviceLostError(m, d),
  OUT_OF_MEMORY: (m, d) => new OutOfMemoryError(m, d),
  CHECKPOINT_FORMAT: (m, d) => new CheckpointFormatError(m, d),
  UNSAFE_CHECKPOINT: (m, d) => new UnsafeCheckpointError(m, d),
  FILE_CHANGED: (m, d) => new FileChangedError(m, d),
  FILE_ACCESS: (m, d) => new FileAccessError(m, d),
  SAVE_FAILED: (m, d) => new SaveFailedError(m, d),
  NOT_FOUND: (m, d) => new NotFoundError(m, d),
  CANCELLED: (m, d) => new CancelledError(m, d),
};

/** Rebuilds the error that a worker or another process serialized. */
export function deserializeError(error: SerializedError): ParascopeError {
  return CLASS_BY_CODE[error.code](error.message, error.details);
}

export function isSerializedError(value: unknown): value is SerializedError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'message' in value &&
    (ERROR_CODES as readonly unknown[]).includes(value.code)
  );
}
