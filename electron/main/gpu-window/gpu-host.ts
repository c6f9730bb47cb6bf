import type { WorkerLink } from '../../../core/device/worker-link.ts';
import type { RegionAddresses } from './region-addresses.ts';
import { WindowLink, type WorkerWindow } from './window-link.ts';

/** Starts the GPU worker when a gpu is first asked for, anew when it ended, and ends it with the program. */
export class GpuHost {
  readonly #open: () => WorkerWindow;
  readonly #log: (error: unknown) => void;
  readonly #regions: RegionAddresses;
  #last: WorkerLink | null = null;

  constructor(open: () => WorkerWindow, log: (error: unknown) => void, regions: RegionAddresses) {
    this.#open = open;
    this.#log = log;
    this.#regions = regions;
  }

  /** `startGpu` of the device runtime. */
  readonly start = (): WorkerLink => {
    const link = new WindowLink(this.#open(), this.#log, this.#regions);
    this.#last = link;
    return link;
  };

  /** Hidden windows hold the program open. */
  async close(): Promise<void> {
    await this.#last?.close();
    this.#last = null;
  }
}
