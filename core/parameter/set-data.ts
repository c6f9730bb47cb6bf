import { NDArray } from '../device/nd-array.ts';
import { InvalidStateError } from '../errors.ts';
import type { LazySource } from './lazy-source.ts';
import type { Parameter } from './parameter.ts';
import { notInitialized } from './parameter-errors.ts';
import { defer, naming, type ParameterState } from './parameter-state.ts';
import { assertCompatible } from './shape-rules.ts';

/** `Parameter.setData`: rows P-160 … P-166. Returns whether `value` is kept. */
export function setData(parameter: Parameter, state: ParameterState, value: NDArray | LazySource): boolean {
  const { name } = state;
  assertCompatible(name, state.shape, value.shape);
  if (!state.value) {
    if (!state.deferred) throw notInitialized(name);
    state.shape = [...value.shape];
    defer(state, state.deferred.devices, value);
    return true;
  }
  if (!(value instanceof NDArray)) {
    throw new InvalidStateError(
      `Parameter '${name}' is initialized; it takes a value that has yet to be read with await loadInit(), or release it first.`,
    );
  }
  state.trainer?.deref()?.beforeSetData(parameter);
  naming(state, () => state.value?.assign(value));
  return false;
}
