import type { NDArray } from '../device/nd-array.ts';
import { assignArray, RowSparseNDArray, SparseNDArray } from '../device/sparse.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import { warnings } from '../warnings.ts';
import { type KeyedArrays, type Keys, keyedArrays, listOf, type Pushed } from './keyed-arrays.ts';
import { type Capability, KVStoreBase } from './kvstore-base.ts';
import type { Key, Optimizer } from './optimizer.ts';
import { loadUpdaterStates, saveUpdaterStates, type UpdaterPlace } from './states-file.ts';
import { copyOn, onDevice, sumOnFirst, withAllRows } from './store-arrays.ts';
import { Updater } from './updater.ts';

/** Changes `stored` in place by what was pushed; both are the store's and on one device. */
export type UpdateFunction = (key: Key, received: NDArray, stored: NDArray) => void;

export interface PullOptions {
  /** By default row_sparse outputs are left as they are, with a warning. */
  readonly ignoreSparse?: boolean;
}

export interface RowPull {
  readonly out: NDArray | readonly NDArray[] | null;
  /** For all outputs, or one for each. Any shape and integer dtype, repeated and in any order. */
  readonly rowIds: NDArray | readonly NDArray[] | null;
}

const TYPES = ['local', 'device'] as const;

/**
 * Arrays by key within one process: reduces what several devices push, and hands out what it holds, after
 * MXNet's local KVStore (rows K-001 … K-009). Sums are made on the device of the first array pushed;
 * `'local'` and `'device'` give the same results.
 */
export class KVStore extends KVStoreBase {
  readonly type: string;
  readonly #stored = new Map<Key, NDArray>();
  #update: UpdateFunction | null = null;
  #updater: Updater | null = null;

  /** @throws InvalidArgumentError for an unknown type. */
  constructor(type = 'local') {
    super();
    if (!TYPES.some((known) => known === type)) {
      throw new InvalidArgumentError(`Unknown KVStore type ${JSON.stringify(type)}: there are ${TYPES.join(', ')}.`);
    }
    this.type = type;
  }

  /** @throws InvalidArgumentError for an unknown capability (K-007). */
  override isCapable(capability: Capability): boolean {
    if (capability === 'optimizer') return true;
    throw new InvalidArgumentError(`Unknown KVStore capability ${JSON.stringify(capability)}: there is optimizer.`);
  }

  /** What an optimizer that was set remembers. */
  get updater(): Updater | null {
    return this.#updater;
  }

  /** Stores copies (K-002). @throws InvalidArgumentError for mixed keys, InvalidStateError where a key is stored. */
  init(key: Keys, value: Pushed): void {
    for (const [each, values] of this.#pairs(key, value)) {
      if (this.#stored.has(each)) {
        throw new InvalidStateError(`The KVStore already holds key ${each}: a key can be initialized only once.`);
      }
      const [first] = values;
      if (first) this.#stored.set(each, copyOn(first, first.device));
    }
  }

  /** Replaces what is stored by the sum of what is pushed, or updates it by the sum (K-003). */
  push(key: Keys, value: Pushed): void {
    for (const [each, values] of this.#pairs(key, value)) {
      if (this.#update) this.#heldAt(each);
      const sum = sumOnFirst(values);
      if (!this.#update) {
        this.#replace(each, sum);
        continue;
      }
      this.#apply(this.#update, each, sum);
      sum.dispose();
    }
  }

  /** Writes what is stored into every array of `out`, in place (K-004). */
  pull(key: Keys, out: Pushed, { ignoreSparse = true }: PullOptions = {}): void {
    for (const [each, outs] of this.#pairs(key, out)) {
      const stored = this.#heldAt(each);
      for (const array of outs) {
        if (ignoreSparse && array instanceof SparseNDArray) {
          warnings.emit(
            'UserWarning',
            'KVStore.pull leaves sparse arrays as they are: use rowSparsePull, or set ignoreSparse to false.',
          );
        } else {
          assignArray(array, stored);
        }
      }
    }
  }

  /** Push, then pull (K-005). */
  override pushpull(key: Keys, value: Pushed, out: Pushed = value): void {
    this.push(key, value);
    this.pull(key, out);
  }

  /** Init, then pull (K-005). */
  override broadcast(key: Keys, value: Pushed, out: Pushed): void {
    this.init(key, value);
    this.pull(key, out);
  }

  /**
   * Replaces each of `out`, which are row_sparse, by just the distinct rows that its ids name (K-006).
   * With one set of ids for several outputs the rows are pulled once.
   */
  rowSparsePull(key: Key, { out, rowIds }: RowPull): void {
    const outs = listOf(required(out, 'out'));
    const ids = listOf(required(rowIds, 'rowIds'));
    for (const array of outs) {
      if (!(array instanceof RowSparseNDArray)) {
        throw new InvalidStateError(`rowSparsePull writes row_sparse arrays, got a ${array.stype} one.`);
      }
    }
    if (ids.length !== 1 && ids.length !== outs.length) {
      throw new InvalidArgumentError(
        `The number of rowIds doesn't match the number of values: got ${ids.length} for ${outs.length}.`,
      );
    }
    const pulled = ids.map((each) => this.rows(key, each));
    outs.forEach((array, i) => {
      const rows = pulled[ids.length === 1 ? 0 : i];
      if (rows) assignArray(array, rows);
    });
    for (const rows of pulled) rows.dispose();
  }

  /** The distinct rows that `rowIds` name as a new array, on the device of what is stored. */
  rows(key: Key, rowIds: NDArray): RowSparseNDArray {
    const stored = this.#heldAt(key);
    if (!(stored instanceof RowSparseNDArray)) {
      throw new InvalidStateError(
        `Rows can be pulled only of a row_sparse array; key ${key} is a ${stored.stype} one.`,
      );
    }
    return onDevice(rowIds, stored.device, (ids) => stored.retain(ids));
  }

  /** What is stored, as a new array of its own. */
  copyOf(key: Key): NDArray {
    const stored = this.#heldAt(key);
    return stored.copyTo(stored.device);
  }

  /** Whether `key` is stored. */
  has(key: Key): boolean {
    return this.#stored.has(key);
  }

  /** True where the device worker that held some of it died. */
  get lost(): boolean {
    return [...this.#stored.values()].some((array) => array.lost);
  }

  /** Frees what is stored under `key` and what the optimizer remembers of it. */
  remove(key: Key): void {
    this.#stored.get(key)?.dispose();
    this.#stored.delete(key);
    this.#updater?.remove(key);
  }

  /** From now on `update` is called with the sum of what is pushed; null goes back to replacing. */
  setUpdater(update: UpdateFunction | null): void {
    this.#update = update;
    this.#updater = null;
  }

  /** From now on weights are updated here (K-007), with new state. */
  override setOptimizer(optimizer: Optimizer): void {
    const updater = new Updater(optimizer);
    this.setUpdater((key, grad, weight) => updater.update(key, grad, weight));
    this.#updater = updater;
  }

  override async saveOptimizerStates(path: string): Promise<void> {
    await saveUpdaterStates(path, this.#place());
  }

  override async loadOptimizerStates(path: string): Promise<Optimizer> {
    return loadUpdaterStates(path, [this.#place()]);
  }

  #place(): UpdaterPlace {
    if (this.#updater) return { updater: this.#updater, weights: this.#stored };
    throw new InvalidStateError('The KVStore has no optimizer: call setOptimizer first.');
  }

  #apply(update: UpdateFunction, key: Key, sum: NDArray): void {
    const stored = this.#heldAt(key);
    if (!this.#updater || !(stored instanceof RowSparseNDArray)) {
      onDevice(sum, stored.device, (received) => update(key, received, stored));
      return;
    }
    // An optimizer updates rows in place, for which every row must be there: then the values are the dense form.
    const weight = withAllRows(stored);
    if (weight !== stored) this.#replace(key, weight);
    onDevice(sum, weight.device, (received) => update(key, received, weight.buffer.values));
  }

  #heldAt(key: Key): NDArray {
    const stored = this.#stored.get(key);
    if (stored) return stored;
    throw new InvalidStateError(`The KVStore has no key ${key}: it has not been inited.`);
  }

  #pairs(key: Keys, value: Pushed): KeyedArrays {
    const [known] = this.#stored.keys();
    return keyedArrays(key, value, known);
  }

  #replace(key: Key, array: NDArray): void {
    this.#stored.get(key)?.dispose();
    this.#stored.set(key, array);
  }
}

function required<T>(value: T | null, name: string): T {
  if (value !== null) return value;
  throw new InvalidArgumentError(`rowSparsePull needs ${name}.`);
}
