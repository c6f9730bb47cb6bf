import { currentDevice, type Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { DeviceArrays } from './device-arrays.ts';
import { hasNoGradient, notOnDevice, wrongStorage } from './parameter-errors.ts';
import { missing, type ParameterState } from './parameter-state.ts';

/** The live copy on a device (P-081 … P-087, P-140, P-141). */
export function dataOf(state: ParameterState, device: Device | undefined): NDArray {
  if (state.stype !== 'default')
    throw wrongStorage(state.name, state.stype, { asked: 'data', instead: 'rowSparseData' });
  return onDevice(state, state.value?.copies, device);
}

/** The live copies in the order of the devices (P-080, P-143). */
export function listDataOf(state: ParameterState): readonly NDArray[] {
  if (state.stype !== 'default') {
    throw wrongStorage(state.name, state.stype, { asked: 'listData', instead: 'listRowSparseData' });
  }
  return allCopiesOf(state);
}

/** As `listDataOf`, of any storage type. */
export function allCopiesOf(state: ParameterState): readonly NDArray[] {
  if (!state.value) throw missing(state);
  return state.value.copies.handOutAll();
}

/** P-144 … P-146 */
export function gradOf(state: ParameterState, device: Device | undefined): NDArray {
  if (state.value && !state.value.grads) throw hasNoGradient(state.name);
  return onDevice(state, state.value?.grads, device);
}

/** P-147 */
export function listGradOf(state: ParameterState): readonly NDArray[] {
  const { value } = state;
  if (!value) throw missing(state);
  if (!value.grads) throw hasNoGradient(state.name);
  return value.grads.handOutAll();
}

function onDevice(state: ParameterState, arrays: DeviceArrays | null | undefined, device: Device | undefined): NDArray {
  if (!arrays) throw missing(state);
  const array = arrays.handOut(device);
  if (!array) throw notOnDevice(state.name, device ?? currentDevice(), arrays.devices);
  return array;
}
