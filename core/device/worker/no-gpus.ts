import { DeviceMismatchError } from '../../errors.ts';
import type { MemoryOp, MemoryQuery } from '../protocol.ts';
import type { DeviceHost, MemoryAnswer } from './host.ts';

/** The GPUs of a machine that has none to offer: every array fails with the reason. */
export class NoGpus implements DeviceHost {
  readonly #reason: string;

  /** `reason` follows a colon, with its full stop. */
  constructor(reason: string) {
    this.#reason = reason;
  }

  run(op: MemoryOp): void {
    if (op.kind === 'free') return;
    const place = op.kind === 'create' || op.kind === 'cast' || op.kind === 'mean' ? op.device : 'GPU';
    throw new DeviceMismatchError(`There is no ${place} here: ${this.#reason}`);
  }

  answer(query: MemoryQuery): MemoryAnswer {
    switch (query.kind) {
      case 'devices':
        return { devices: [], reason: this.#reason };
      case 'census':
        return { arrays: 0, tensors: 0, bytes: 0 };
      case 'read':
      case 'norm':
      case 'statistics':
      case 'distance':
        throw new DeviceMismatchError(`There is no GPU here: ${this.#reason}`);
    }
  }
}
