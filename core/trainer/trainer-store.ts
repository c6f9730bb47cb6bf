import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import { RowSparseNDArray } from '../device/sparse.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { Parameter } from '../parameter/parameter.ts';
import type { RowSparsePull } from '../parameter/trainer-link.ts';
import { KVStore } from './kvstore.ts';
import type { KVStoreBase } from './kvstore-base.ts';
import type { Optimizer } from './optimizer.ts';
import { chooseStore, isDistributed, type StoreRequest } from './store-choice.ts';

/**
 * A Trainer's store: made by the first call that needs it, filled with the weights, emptied and made
 * anew when weights change behind its back. A Parameter's key is its place in the list.
 */
export class TrainerStore {
  readonly #request: StoreRequest;
  readonly #slots: ReadonlyMap<string, number>;
  #store: KVStoreBase | null = null;
  #updatesWeights: boolean | null = null;
  #chosen = false;
  #waiting: readonly Parameter[];

  constructor(request: StoreRequest) {
    this.#request = request;
    this.#slots = new Map(request.parameters.map(({ uuid }, slot) => [uuid, slot]));
    this.#waiting = request.parameters;
  }

  get store(): KVStoreBase | null {
    return this.#store;
  }

  /** Null where there is no store (T-013). */
  get updatesWeights(): boolean | null {
    return this.#updatesWeights;
  }

  /** Parameters that are not in the store yet. */
  get waiting(): readonly Parameter[] {
    return this.#waiting;
  }

  get isDistributed(): boolean {
    return this.#store !== null && isDistributed(this.#store);
  }

  /**
   * Makes the store where it is not there or was lost with its device worker, and puts weights into it.
   * @throws as `chooseStore`
   */
  prepare(optimizer: Optimizer): void {
    if (this.#store instanceof KVStore && this.#store.lost) this.reset();
    if (!this.#chosen) {
      const choice = chooseStore(this.#request);
      if (choice?.updateOnStore) choice.store.setOptimizer(optimizer);
      this.#store = choice?.store ?? null;
      this.#updatesWeights = choice?.updateOnStore ?? null;
      this.#chosen = true;
    }
    const store = this.#store;
    for (const parameter of this.#waiting) {
      if (store && parameter.status === 'deferred') continue;
      if (store) this.#fill(store, parameter);
      this.#waiting = this.#waiting.filter((each) => each !== parameter);
    }
  }

  /** Sums gradients over devices; where the store updates weights, these go back to the copies (T-018). */
  reduce(): void {
    const store = this.#store;
    if (!store) return;
    for (const parameter of this.#request.parameters) {
      if (parameter.gradReq === 'null') continue;
      const grads = parameter.listGrad();
      const isSparse = grads.some(({ stype }) => stype !== 'default');
      if (isSparse && store instanceof KVStore) this.#reduceSparse(store, parameter, grads);
      else store.pushpull(this.slotOf(parameter), grads, this.#updatesWeights ? parameter.listData() : grads);
    }
  }

  /** The store is made anew from the copies at the next use (T-024). @throws InvalidStateError for a distributed one. */
  reset(): void {
    if (this.isDistributed) throw new InvalidStateError('Cannot reset distributed KVStore.');
    if (this.#store instanceof KVStore) for (const slot of this.#slots.values()) this.#store.remove(slot);
    this.#store = null;
    this.#updatesWeights = null;
    this.#chosen = false;
    this.#waiting = this.#request.parameters;
  }

  /** Rows of a sparse weight as a new array (T-025). */
  rows(parameter: Parameter, { rowIds, device, all }: RowSparsePull): RowSparseNDArray {
    const { name, shape } = parameter;
    const slot = this.slotOf(parameter);
    if (all && rowIds.size !== shape?.[0]) {
      throw new InvalidArgumentError(
        `Parameter '${name}' has ${shape?.[0]} rows, but ${rowIds.size} row ids were given for all of them.`,
        { parameter: name },
      );
    }
    const store = this.#store;
    const pulled = store instanceof KVStore ? (all ? store.copyOf(slot) : store.rows(slot, rowIds)) : null;
    const rows = pulled && movedTo(pulled, device);
    if (rows instanceof RowSparseNDArray) return rows;
    rows?.dispose();
    throw new InvalidStateError(`Parameter '${name}' is not row_sparse in the KVStore.`, { parameter: name });
  }

  slotOf({ uuid, name }: Parameter): number {
    const slot = this.#slots.get(uuid);
    if (slot !== undefined) return slot;
    throw new InvalidArgumentError(`Parameter '${name}' is not one of this Trainer's.`, { parameter: name });
  }

  /** Dense copies all become equal to the first; deferred Parameters wait (T-015). */
  #fill(store: KVStoreBase, parameter: Parameter): void {
    const slot = this.slotOf(parameter);
    const copies = parameter.ownCopies();
    const [first] = copies;
    if (!first) return;
    const wasThere = store instanceof KVStore && store.has(slot);
    try {
      if (parameter.stype === 'default') store.broadcast(slot, first, copies);
      else if (store instanceof KVStore) store.init(slot, first);
    } catch (error) {
      if (store instanceof KVStore && !wasThere) store.remove(slot);
      throw error;
    }
  }

  /** Sparse weights stay in the store, whose rows are pulled by their ids. */
  #reduceSparse(store: KVStore, parameter: Parameter, grads: readonly NDArray[]): void {
    const slot = this.slotOf(parameter);
    store.push(slot, grads);
    if (parameter.stype !== 'default') return;
    store.pull(slot, this.#updatesWeights ? parameter.listData() : grads, { ignoreSparse: false });
  }
}

function movedTo(array: NDArray, device: Device): NDArray {
  if (array.device.equals(device)) return array;
  const moved = array.copyTo(device);
  array.dispose();
  return moved;
}
