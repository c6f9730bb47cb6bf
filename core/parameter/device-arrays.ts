import { currentDevice, type Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';

/**
 * One array per device, in the order of the devices: a Parameter's copies or its gradient buffers.
 * When they are replaced, the arrays that nobody outside has seen are freed at once; those that were
 * handed out live on until their holders drop them, as under MXNet.
 */
export class DeviceArrays {
  readonly #arrays: readonly NDArray[];
  readonly #handedOut = new Set<NDArray>();

  constructor(arrays: readonly NDArray[]) {
    this.#arrays = arrays;
  }

  get devices(): readonly Device[] {
    return this.#arrays.map((array) => array.device);
  }

  /** For the Parameter's own use: does not count as handing out. */
  get own(): readonly NDArray[] {
    return this.#arrays;
  }

  handOutAll(): readonly NDArray[] {
    for (const array of this.#arrays) this.#handedOut.add(array);
    return this.#arrays;
  }

  /**
   * Gluon's lookup (P-081 … P-084): without a device the only copy there is, else that of the
   * current device; of several on one device the last.
   */
  handOut(device: Device | undefined): NDArray | undefined {
    const only = this.#arrays.length === 1 ? this.#arrays[0] : undefined;
    const wanted = device ?? currentDevice();
    const array = device === undefined && only ? only : this.#arrays.findLast((copy) => copy.device.equals(wanted));
    if (array) this.#handedOut.add(array);
    return array;
  }

  /** The same arrays, but what `replace` gives in place of those for which it gives something. */
  replaced(replace: (array: NDArray, index: number) => NDArray | undefined): DeviceArrays {
    const next = new DeviceArrays(this.#arrays.map((array, i) => replace(array, i) ?? array));
    for (const array of next.own) if (this.#handedOut.has(array)) next.#handedOut.add(array);
    return next;
  }

  release(): void {
    for (const array of this.#arrays) if (!this.#handedOut.has(array)) array.dispose();
  }
}
