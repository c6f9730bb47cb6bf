import type { Device } from '../device/device.ts';
import { cpu } from '../device/device.ts';
import { NDArray } from '../device/nd-array.ts';
import { convertArray } from '../device/sparse.ts';
import { makeAll } from '../device/sparse-parts.ts';
import { InvalidStateError } from '../errors.ts';
import { unrecorded } from '../symbol/autograd-state.ts';
import { warnings } from '../warnings.ts';
import { type FinishOptions, isLazy, type PendingValue } from './deferred-init.ts';
import { chooseInitializer, type DrawnValue, type InitializerChoice } from './drawn-value.ts';
import type { LazySource } from './lazy-source.ts';
import { loadCopies, throwIfCancelled } from './load-copies.ts';
import { named, stillDeferred, unknownShape } from './parameter-errors.ts';
import { checkDevices } from './parameter-options.ts';
import { defer, hold, naming, type ParameterState } from './parameter-state.ts';
import { ParameterValue } from './parameter-value.ts';
import { isKnown } from './shape-rules.ts';

export interface InitializeOptions extends InitializerChoice {
  readonly device?: Device | readonly Device[] | null | undefined;
  readonly forceReinit?: boolean | undefined;
  /** @deprecated The old name of `device`, which it overrides (P-089). */
  readonly ctx?: Device | readonly Device[] | null | undefined;
}

/** `Parameter.initialize`: rows P-100 … P-115. */
export function initialize(state: ParameterState, options: InitializeOptions): void {
  const { name, shape } = state;
  if (state.value && !options.forceReinit) {
    warnings.emit(
      'UserWarning',
      `Parameter '${name}' is already initialized, ignoring. Set forceReinit to re-initialize.`,
    );
    return;
  }
  const devices = checkDevices(name, options.ctx ?? options.device);
  const value = naming(state, () => firstValue(state, options));
  if (isLazy(value)) {
    defer(state, devices, value);
  } else if (isKnown(name, shape)) {
    hold(state, makeValue(state, devices, value));
  } else if (state.allowDeferredInit) {
    defer(state, devices, value);
  } else {
    throw unknownShape(name, shape);
  }
}

/** A Parameter that came from a file goes back to it, unless an initializer is asked for. */
function firstValue(state: ParameterState, choice: InitializerChoice): DrawnValue | LazySource {
  const asked = choice.init ?? state.init ?? choice.defaultInit ?? null;
  return asked === null && state.source ? state.source : chooseInitializer(state.init, choice);
}

/** Finishes what needs nothing to be read (P-116 … P-120). @throws DeferredInitializationError, ShapeMismatchError */
export function finish(state: ParameterState): void {
  const { deferred, name, shape } = state;
  if (!deferred) return;
  if (isLazy(deferred.value)) throw stillDeferred(name, deferred.value.describe());
  if (!isKnown(name, shape)) throw unknownShape(name, shape);
  hold(state, makeValue(state, deferred.devices, deferred.value));
}

/** Reads `source` onto `devices`. The last step of it is the only one that can be seen. */
export async function finishFromSource(
  state: ParameterState,
  { source, devices }: { readonly source: LazySource; readonly devices: readonly Device[] },
  options: FinishOptions,
): Promise<void> {
  try {
    const { runtime, dtype, stype } = state;
    const isDense = stype === 'default';
    const arrays = await loadCopies(source, { runtime, devices: isDense ? devices : [cpu()], dtype }, options);
    try {
      throwIfCancelled(options.signal);
      hold(state, isDense ? new ParameterValue(arrays.splice(0), state) : sparseValue(state, devices, arrays));
    } finally {
      for (const array of arrays) array.dispose();
    }
  } catch (error) {
    throw named(state.name, error);
  }
  state.source = source;
}

function sparseValue(state: ParameterState, devices: readonly Device[], [dense]: readonly NDArray[]): ParameterValue {
  if (!dense) throw new InvalidStateError('A source gave no array.');
  return makeValue(state, devices, dense);
}

/** The Parameter's value is `value`, which is freed, on other devices; gradients are new zeros (P-171). */
export function moveTo(state: ParameterState, devices: readonly Device[], value: NDArray): void {
  try {
    hold(state, makeValue(state, devices, value));
  } finally {
    value.dispose();
  }
}

/** Copies of `value` on `devices`, in the Parameter's dtype and storage type, and their gradients. */
export function makeValue(
  state: ParameterState,
  devices: readonly Device[],
  value: Exclude<PendingValue, LazySource>,
): ParameterValue {
  return naming(state, () =>
    unrecorded(() => {
      if (value instanceof NDArray) return new ParameterValue(copiesOf(state, devices, value), state);
      const { runtime, dtype, shape } = state;
      const drawn = value.draw(state.name, { runtime, dtype, shape: shape ?? [] });
      const isCopy = state.stype === 'default' && devices[0]?.equals(drawn.device) === true;
      try {
        const others = copiesOf(state, isCopy ? devices.slice(1) : devices, drawn);
        return new ParameterValue(isCopy ? [drawn, ...others] : others, state);
      } catch (error) {
        if (isCopy) drawn.dispose();
        throw error;
      } finally {
        if (!isCopy) drawn.dispose();
      }
    }),
  );
}

function copiesOf({ dtype, stype }: ParameterState, devices: readonly Device[], source: NDArray): NDArray[] {
  return makeAll(devices, (device) => convertArray(source, { dtype, device, stype }));
}
