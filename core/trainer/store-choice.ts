import type { Device } from '../device/device.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { Parameter } from '../parameter/parameter.ts';
import { KVStore } from './kvstore.ts';
import { KVStoreBase } from './kvstore-base.ts';

export interface StoreRequest {
  readonly parameters: readonly Parameter[];
  readonly devices: readonly Device[];
  readonly kvstore: KVStoreBase | string | null;
  readonly updateOnKvstore: boolean | null;
}

/** Null where one device needs no store (T-013). */
export type StoreChoice = { readonly store: KVStoreBase; readonly updateOnStore: boolean } | null;

/** MXNet's limit of elements above which a `'local'` store leaves updates to the devices (T-009). */
const LOCAL_UPDATE_LIMIT = 16 * 1024 * 1024;

/**
 * Which store a Trainer reduces with, and who updates the weights (T-009 … T-013).
 *
 * @throws InvalidArgumentError for requests that cannot be met.
 * @throws DeferredInitializationError where dense weights are still deferred (T-014).
 */
export function chooseStore(request: StoreRequest): StoreChoice {
  const { parameters } = request;
  if (parameters.some(({ stype }) => stype !== 'default')) return storeForSparseWeights(request);
  const choice = storeForDense(request);
  if (parameters.some(({ gradStype }) => gradStype !== 'default')) return withSparseGradients(request, choice);
  if (!choice) return null;
  const { store } = choice;
  const wanted = request.updateOnKvstore ?? choice.updateOnStore;
  if (isAsync(store)) {
    if (request.updateOnKvstore === false) {
      throw new InvalidArgumentError('Please set updateOnKvstore to true when training in async mode.');
    }
    return { store, updateOnStore: true };
  }
  if (request.updateOnKvstore && !store.isCapable('optimizer')) {
    throw new InvalidArgumentError(
      `Please set updateOnKvstore to false when training with a KVStore of type ${store.type}: it cannot update weights.`,
    );
  }
  return { store, updateOnStore: wanted };
}

/** True for a store that spans machines. */
export function isDistributed(store: KVStoreBase): boolean {
  return store.type.includes('dist');
}

function isAsync(store: KVStoreBase): boolean {
  return isDistributed(store) && store.type.includes('async');
}

/** T-010 */
function storeForSparseWeights({ kvstore, updateOnKvstore }: StoreRequest): StoreChoice {
  if (updateOnKvstore === false) {
    throw new InvalidArgumentError('Cannot set updateOnKvstore to false when sparse weights are present.');
  }
  if (typeof kvstore === 'string') return { store: new KVStore(kvstore), updateOnStore: true };
  if (kvstore instanceof KVStore) return { store: kvstore, updateOnStore: true };
  throw new InvalidArgumentError(
    `Cannot create '${describe(kvstore)}' KVStore with row_sparse parameters. The type must be KVStore or string.`,
  );
}

/** T-009 */
function storeForDense(request: StoreRequest): StoreChoice {
  const { kvstore, devices, parameters } = request;
  const sizes = parameters.map((parameter) => parameter.data(devices[0]).size);
  if (kvstore === null) return null;
  if (kvstore instanceof KVStoreBase) return { store: kvstore, updateOnStore: byDefault(kvstore) };
  if (typeof kvstore !== 'string') {
    throw new InvalidArgumentError(`kvstore must be KVStore, string or null, got ${describe(kvstore)}.`);
  }
  if (devices.length === 1 && !kvstore.includes('dist')) return null;
  const store = new KVStore(kvstore);
  const isSmall = kvstore !== 'local' || sizes.every((size) => size <= LOCAL_UPDATE_LIMIT);
  return { store, updateOnStore: isSmall && byDefault(store) };
}

/** T-011 */
function withSparseGradients({ updateOnKvstore }: StoreRequest, choice: StoreChoice): StoreChoice {
  if (!choice) return null;
  const { store } = choice;
  if (!(store instanceof KVStore)) {
    throw new InvalidArgumentError(
      `Cannot use a KVStore of type ${store.type} for multi-device training with sparse gradients.`,
    );
  }
  return { store, updateOnStore: updateOnKvstore ?? false };
}

function byDefault(store: KVStoreBase): boolean {
  return process.env.MXNET_UPDATE_ON_KVSTORE !== '0' && store.isCapable('optimizer');
}

function describe(kvstore: unknown): string {
  return kvstore instanceof KVStoreBase ? kvstore.type : kvstore === null ? 'null' : typeof kvstore;
}
