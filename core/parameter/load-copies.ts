import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { makeAll } from '../device/sparse-parts.ts';
import { assertHoldable } from '../device/working-type.ts';
import { CancelledError, InvalidStateError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { FileRegion } from '../ndarray/lazy-tensor.ts';
import type { LazySource } from './lazy-source.ts';

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of the source that are on the device; ends at its `nbytes`. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
}

interface LoadTarget {
  readonly runtime: DeviceRuntime;
  readonly devices: readonly Device[];
  readonly dtype: DType;
}

/** Chunks that may wait for the device worker: reading goes on meanwhile, memory stays bounded. */
const CHUNKS_IN_FLIGHT = 2;

/**
 * One array per device with the value of `source`, cast to `dtype`. All memory is claimed first; where
 * anything fails or the signal aborts, all of it is freed and nothing is left behind.
 */
export async function loadCopies(source: LazySource, target: LoadTarget, options: LoadOptions): Promise<NDArray[]> {
  const { runtime, devices, dtype } = target;
  throwIfCancelled(options.signal);
  assertHoldable(source.dtype);
  const arrays = makeAll(devices, (device) => runtime.zeros({ shape: source.shape, dtype, device }));
  try {
    const region = source.region?.() ?? null;
    const [first, ...rest] = arrays;
    if (region) await fetchAll(arrays, { dtype: source.dtype, region }, options);
    else if (first) {
      await fill(first, source, options);
      for (const array of rest) runtime.assign(array, first);
    }
    await runtime.sync(arrays);
    throwIfCancelled(options.signal);
    return arrays;
  } catch (error) {
    for (const array of arrays) array.dispose();
    throwIfCancelled(options.signal);
    throw error;
  }
}

/** Each worker reads the file by itself, once for all its devices. Where one fails, the others stop. */
async function fetchAll(
  arrays: readonly NDArray[],
  stored: { readonly dtype: DType; readonly region: FileRegion },
  { signal, onProgress }: LoadOptions,
): Promise<void> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const firsts = arrays.filter((array) => array === firstOfWorker(arrays, array));
  const done = firsts.map(() => 0);
  const fetches = firsts.map(async (array, i) => {
    const told = (bytes: number) => {
      const before = Math.min(...done);
      done[i] = bytes;
      const now = Math.min(...done);
      try {
        if (now > before) onProgress?.(now);
      } catch (error) {
        failed.abort(error);
      }
    };
    try {
      await array.runtime.fetch(array, stored, { signal: either, onProgress: told });
    } catch (error) {
      failed.abort(error);
    }
  });
  await Promise.all(fetches);
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const array of arrays) {
    const first = firstOfWorker(arrays, array);
    if (first && first !== array) array.runtime.assign(array, first);
  }
}

function firstOfWorker(arrays: readonly NDArray[], { device }: NDArray): NDArray | undefined {
  return arrays.find((array) => array.device.type === device.type);
}

async function fill(array: NDArray, source: LazySource, { signal, onProgress }: LoadOptions): Promise<void> {
  const { runtime } = array;
  const inFlight: Promise<void>[] = [];
  let done = 0;
  try {
    for await (const { elementOffset, bytes } of source.chunks({ signal })) {
      throwIfCancelled(signal);
      const { byteLength } = bytes;
      runtime.upload(array, { dtype: source.dtype, offset: elementOffset, bytes });
      const written = runtime.sync([array]);
      // Its failure is told where it is awaited; it may settle before that while the source reads on.
      written.catch(() => {});
      inFlight.push(written);
      if (inFlight.length > CHUNKS_IN_FLIGHT) await inFlight.shift();
      done += byteLength;
      onProgress?.(done);
    }
  } finally {
    await Promise.allSettled(inFlight);
  }
  if (done !== source.nbytes) {
    throw new InvalidStateError(`${source.describe()} gave ${done} of ${source.nbytes} bytes.`);
  }
}

/** Whatever the signal was aborted with, callers see a `CancelledError`. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason instanceof CancelledError ? signal.reason : new CancelledError();
}
