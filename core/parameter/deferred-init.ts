import type { Device } from '../device/device.ts';
import { NDArray } from '../device/nd-array.ts';
import { CancelledError } from '../errors.ts';
import type { LazySource } from './lazy-source.ts';
import type { LoadOptions } from './load-copies.ts';

/** Load options whose signal also aborts when the Parameter changes. */
export type FinishOptions = LoadOptions & { readonly signal: AbortSignal };

interface Running {
  readonly promise: Promise<void>;
  readonly abandon: AbortController;
}

/**
 * What a deferred Parameter knows: where its copies will be and where their value will come from
 * (null: from an initializer, once its shape is known). A change makes a new one.
 */
export class DeferredInit {
  readonly devices: readonly Device[];
  readonly value: LazySource | NDArray | null;
  #running: Running | null = null;

  constructor(devices: readonly Device[], value: LazySource | NDArray | null) {
    this.devices = devices;
    this.value = value;
  }

  /** Where the value is, for messages; null where it is not in a source. */
  get place(): string | null {
    return this.value === null || this.value instanceof NDArray ? null : this.value.describe();
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
