import type { Device } from '../device/device.ts';
import { NDArray } from '../device/nd-array.ts';
import { CancelledError } from '../errors.ts';
import { DrawnValue } from './drawn-value.ts';
import type { LazySource } from './lazy-source.ts';
import type { LoadOptions } from './load-copies.ts';

/** Load options whose signal also aborts when the Parameter changes. */
export type FinishOptions = LoadOptions & { readonly signal: AbortSignal };

/** Where a deferred Parameter gets its value: an initializer, an array that it was given, or a source that has to be read. */
export type PendingValue = DrawnValue | NDArray | LazySource;

export function isLazy(value: PendingValue): value is LazySource {
  return !(value instanceof NDArray || value instanceof DrawnValue);
}

/** Where the value is, for messages; null where it is not in a source. */
export function placeOf(value: PendingValue): string | null {
  return isLazy(value) ? value.describe() : null;
}

/** What a deferred Parameter waits for, for the window. */
export type PendingKind =
  | { readonly kind: 'source'; readonly place: string }
  | { readonly kind: 'data' }
  | { readonly kind: 'initializer'; readonly initializer: string };

export function pendingKind(value: PendingValue): PendingKind {
  if (isLazy(value)) return { kind: 'source', place: value.describe() };
  return value instanceof NDArray ? { kind: 'data' } : { kind: 'initializer', initializer: String(value.initializer) };
}

interface Running {
  readonly promise: Promise<void>;
  readonly abandon: AbortController;
}

/** What a deferred Parameter knows: where its copies will be and where their value will come from. A change makes a new one. */
export class DeferredInit {
  readonly devices: readonly Device[];
  readonly value: PendingValue;
  #running: Running | null = null;

  constructor(devices: readonly Device[], value: PendingValue) {
    this.devices = devices;
    this.value = value;
  }

  /** Starts `load`, or joins the run that is under way. */
  finish(options: LoadOptions, load: (options: FinishOptions) => Promise<void>): Promise<void> {
    if (this.#running) return this.#running.promise;
    const abandon = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, abandon.signal]) : abandon.signal;
    const promise = load({ ...options, signal }).finally(() => {
      this.#running = null;
    });
    this.#running = { promise, abandon };
    return promise;
  }

  /** Stops a run that is under way: what it would bring is no longer wanted. */
  abandon(name: string): void {
    this.#running?.abandon.abort(
      new CancelledError(`Parameter '${name}' was changed while it was loaded: finish its initialization again.`),
    );
    this.#running = null;
  }
}
