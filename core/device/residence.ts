import type { Device } from './device.ts';

/** The life of one device, from its first array to the loss of all: what dies with it is lost with it. */
export class Residence {
  readonly device: Device;
  /** Bytes of the arrays that are here. */
  held = 0;
  #loss: string | null = null;

  constructor(device: Device) {
    this.device = device;
  }

  /** Why all that was here is lost; null while it is not. */
  get loss(): string | null {
    return this.#loss;
  }

  end(reason: string): void {
    this.#loss ??= reason;
  }
}
