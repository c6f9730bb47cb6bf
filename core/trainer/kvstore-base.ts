import type { NDArray } from '../device/nd-array.ts';
import { InvalidStateError } from '../errors.ts';
import type { Key, Optimizer } from './optimizer.ts';

/** What a store may be able to do beyond reducing: update the weights that it holds. */
export type Capability = 'optimizer';

/**
 * What a Trainer needs of a store to reduce over devices, after `mxnet.kvstore.KVStoreBase`. A store of
 * one's own extends it; where its `type` contains `dist`, it is taken to span machines.
 */
export abstract class KVStoreBase {
  abstract readonly type: string;

  /** Fills `out` with `value` and remembers it under `key`. */
  abstract broadcast(key: Key, value: NDArray, out: readonly NDArray[]): void;

  /** Reduces `values`, one of each device, into every array of `out`, by default `values` themselves. */
  abstract pushpull(key: Key, values: readonly NDArray[], out?: readonly NDArray[]): void;

  abstract isCapable(capability: Capability): boolean;

  /** From now on what is pushed updates what is stored. @throws InvalidStateError where the store cannot. */
  setOptimizer(_optimizer: Optimizer): void {
    throw this.#cannotUpdate();
  }

  async saveOptimizerStates(_path: string): Promise<void> {
    throw this.#cannotUpdate();
  }

  /** Returns the optimizer that the file describes, which the store uses from now on. */
  async loadOptimizerStates(_path: string): Promise<Optimizer> {
    throw this.#cannotUpdate();
  }

  #cannotUpdate(): InvalidStateError {
    return new InvalidStateError(`A KVStore of type ${this.type} does not update weights: it has no optimizer.`);
  }
}
