import { type Device, formatDevices } from '../device/device.ts';
import {
  DeferredInitializationError,
  DeviceMismatchError,
  deserializeError,
  InvalidStateError,
  NotInitializedError,
  ParascopeError,
  ShapeMismatchError,
} from '../errors.ts';
import type { Shape } from '../ndarray/shape.ts';
import { formatKnownShape } from './shape-rules.ts';

/** What a Parameter has to say when something is asked of it that it cannot do. Rows of parity.md in brackets. */

/** P-087 */
export function notInitialized(name: string): NotInitializedError {
  return new NotInitializedError(
    `Parameter '${name}' has not been initialized. Initialize it, or load a value into it, before its data is asked for.`,
    { parameter: name },
  );
}

/** P-086 */
export function stillDeferred(name: string, source: string | null): DeferredInitializationError {
  const remedy = source
    ? `Its value is still in ${source}: await finishDeferredInit() first.`
    : 'Give it a shape without unknown sizes, or a value with setData, then await finishDeferredInit().';
  return new DeferredInitializationError(
    `Parameter '${name}' has not been initialized yet because initialization was deferred. ${remedy}`,
    { parameter: name },
  );
}

/** P-085 */
export function notOnDevice(name: string, asked: Device, present: readonly Device[]): DeviceMismatchError {
  return new DeviceMismatchError(
    `Parameter '${name}' was not initialized on device ${asked}. It was only initialized on ${formatDevices(present)}.`,
    { parameter: name, device: asked.toString() },
  );
}

/** P-144 */
export function hasNoGradient(name: string): InvalidStateError {
  return new InvalidStateError(`Cannot get gradient array for Parameter '${name}' because grad_req='null'.`, {
    parameter: name,
  });
}

/** P-140, P-143, P-200, P-201 */
export function wrongStorage(
  name: string,
  stype: string,
  { asked, instead }: { readonly asked: string; readonly instead: string },
): InvalidStateError {
  return new InvalidStateError(
    `Cannot return a copy of Parameter '${name}' via ${asked}() because its storage type is ${stype}. Please use ${instead}() instead.`,
    { parameter: name, stype },
  );
}

/** P-113, P-117 */
export function unknownShape(name: string, shape: Shape | null): ShapeMismatchError {
  return new ShapeMismatchError(
    `Cannot initialize Parameter '${name}' because it has invalid shape: ${formatKnownShape(shape)}. Specify its unknown sizes first.`,
    { parameter: name },
  );
}

/** P-173, P-176, P-203 */
export function noTrainer(name: string, what: string): InvalidStateError {
  return new InvalidStateError(
    `Cannot ${what} for Parameter '${name}' when no Trainer is created with it. Create a Trainer with this Parameter first.`,
    { parameter: name },
  );
}

/** The same error with the Parameter's name in front, where a layer below could not know it. */
export function named(name: string, error: unknown): unknown {
  if (!(error instanceof ParascopeError) || error.message.includes(`Parameter '${name}'`)) return error;
  return deserializeError({ ...error.toJSON(), message: `Parameter '${name}': ${error.message}` });
}
