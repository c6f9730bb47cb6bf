import type { Device } from '../device/device.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import type { NotInitializedError } from '../errors.ts';
import type { InitializerSpec } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import { DeferredInit, type PendingValue, placeOf } from './deferred-init.ts';
import type { LazySource } from './lazy-source.ts';
import { named, notInitialized, stillDeferred } from './parameter-errors.ts';
import type { GradReq } from './parameter-options.ts';
import type { ParameterValue } from './parameter-value.ts';
import type { ParameterTrainer } from './trainer-link.ts';

/** What a Parameter knows and holds. Its operations, each in a file of its own, change this at their end. */
export interface ParameterState {
  readonly name: string;
  readonly runtime: DeviceRuntime;
  readonly allowDeferredInit: boolean;
  differentiable: boolean;
  stype: StorageType;
  gradStype: StorageType;
  gradReq: GradReq;
  dtype: DType;
  shape: Shape | null;
  init: InitializerSpec | null;
  value: ParameterValue | null;
  deferred: DeferredInit | null;
  /** Where `release` finds the value again. */
  source: LazySource | null;
  trainer: WeakRef<ParameterTrainer> | null;
}

/** The devices that hold copies or will. */
export function devicesOf({ value, deferred }: ParameterState): readonly Device[] | undefined {
  return value?.copies.devices ?? deferred?.devices;
}

/** Why there is no data (P-086, P-087). */
export function missing({ name, deferred }: ParameterState): NotInitializedError {
  return deferred ? stillDeferred(name, placeOf(deferred.value)) : notInitialized(name);
}

/** The Parameter holds nothing but the promise of a value. */
export function defer(state: ParameterState, devices: readonly Device[], value: PendingValue): void {
  hold(state, null);
  state.deferred = new DeferredInit(devices, value);
}

/** `value` is what the Parameter holds from now on; what it held is freed. */
export function hold(state: ParameterState, value: ParameterValue | null): void {
  state.deferred?.abandon(state.name);
  state.deferred = null;
  state.value?.release();
  state.value = value;
}

/** Runs `change`; the layers below it do not know whose arrays they are. */
export function naming<T>({ name }: ParameterState, change: () => T): T {
  try {
    return change();
  } catch (error) {
    throw named(name, error);
  }
}
