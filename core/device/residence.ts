import type { ParascopeError } from '../errors.ts';
import type { Device } from './device.ts';

/** The life of one device, from its first array to the loss of all: what ends with it is lost. */
export class Residence {
  readonly device: Device;
  /** Bytes of the arrays that are here. */
  held = 0;
  #loss: ParascopeError | null = null;

  constructor(device: Device) {
    this.device = device;
  }

  /** Why all that was here is lost; null while it is not. */
  get loss(): ParascopeError | null {
    return this.#loss;
  }

  end(loss: ParascopeError): void {
    this.#loss ??= loss;
  }
}
