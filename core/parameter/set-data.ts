import { NDArray } from '../device/nd-array.ts';
import { InvalidStateError } from '../errors.ts';
import type { LazySource } from './lazy-source.ts';
import type { Parameter } from './parameter.ts';
import { asValue, type ParameterData } from './parameter-data.ts';
import { notInitialized } from './parameter-errors.ts';
import { defer, naming, type ParameterState } from './parameter-state.ts';
import { assertCompatible } from './shape-rules.ts';

/** `Parameter.setData`: rows P-160 … P-166. */
export function setData(parameter: Parameter, state: ParameterState, data: ParameterData): void {
  const { name } = state;
  const value = asValue(name, data, state.runtime);
  let isKept = false;
  try {
    assertCompatible(name, state.shape, value.shape);
    if (state.value) {
      overwrite(parameter, state, value);
    } else {
      if (!state.deferred) throw notInitialized(name);
      state.shape = [...value.shape];
      defer(state, state.deferred.devices, value);
      isKept = true;
    }
  } finally {
    if (value instanceof NDArray && value !== data && !isKept) value.dispose();
  }
}

function overwrite(parameter: Parameter, state: ParameterState, value: NDArray | LazySource): void {
  const { name } = state;
  if (!(value instanceof NDArray)) {
    throw new InvalidStateError(
      `Parameter '${name}' is initialized; it takes a value that has yet to be read with await loadInit(), or release it first.`,
    );
  }
  state.trainer?.deref()?.beforeSetData(parameter);
  naming(state, () => state.value?.assign(value));
}
