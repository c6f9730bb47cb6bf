import { cpu, currentDevice, type Device } from '../device/device.ts';
import { arange } from '../device/nd.ts';
import { NDArray } from '../device/nd-array.ts';
import type { RowSparseNDArray } from '../device/sparse.ts';
import { InvalidArgumentError } from '../errors.ts';
import { markInPlaceOf } from './gradient-marks.ts';
import type { Parameter } from './parameter.ts';
import { noTrainer, notOnDevice, wrongStorage } from './parameter-errors.ts';
import { missing, type ParameterState } from './parameter-state.ts';
import type { ParameterTrainer } from './trainer-link.ts';

/** Rows to fetch: an array of any shape, or a list (decision on P-202). */
export type RowIds = NDArray | readonly (number | bigint)[];

interface Asked {
  readonly parameter: Parameter;
  readonly state: ParameterState;
}

/** `Parameter.rowSparseData`: rows P-200 … P-206. */
export function rowSparseData({ parameter, state }: Asked, rowIds: RowIds): RowSparseNDArray {
  if (state.stype !== 'row_sparse') {
    throw wrongStorage(state.name, state.stype, { asked: 'rowSparseData', instead: 'data' });
  }
  return withRowIds(state, rowIds, (ids) => {
    const trainer = trainerFor(state, 'get row_sparse data');
    const device = rowIds instanceof NDArray ? ids.device : usualDevice(state);
    assertHasCopy(state, device);
    const rows = trainer.rowSparsePull(parameter, { rowIds: ids, device, all: false });
    markRows(state, rows);
    return rows;
  });
}

/** `Parameter.listRowSparseData`: one pull, and its copies on the other devices (P-201, P-207). */
export function listRowSparseData({ parameter, state }: Asked, rowIds: RowIds): readonly RowSparseNDArray[] {
  if (state.stype !== 'row_sparse') {
    throw wrongStorage(state.name, state.stype, { asked: 'listRowSparseData', instead: 'listData' });
  }
  return withRowIds(state, rowIds, (ids) => {
    const trainer = trainerFor(state, 'get row_sparse data');
    const { value } = state;
    if (!value) throw missing(state);
    const [device = ids.device, ...others] = value.copies.devices;
    const rows = trainer.rowSparsePull(parameter, { rowIds: ids, device, all: false });
    const lists = [rows, ...others.map((other) => rows.convert(rows.dtype, other))];
    for (const list of lists) markRows(state, list);
    return lists;
  });
}

/** All rows, in a new array on cpu(0) (P-176). */
export function pullAllRows({ parameter, state }: Asked): RowSparseNDArray {
  const trainer = trainerFor(state, `reduce ${state.stype} data`);
  const [rows = 0] = state.shape ?? [];
  const rowIds = arange(0, rows, 1, { dtype: 'int64', device: cpu(), runtime: state.runtime });
  try {
    return trainer.rowSparsePull(parameter, { rowIds, device: cpu(), all: true });
  } finally {
    rowIds.dispose();
  }
}

/** Runs `use` with the ids as an array, which is freed after it where it was made here. */
function withRowIds<T>(state: ParameterState, rowIds: RowIds, use: (ids: NDArray) => T): T {
  if (rowIds instanceof NDArray) return use(rowIds);
  if (!Array.isArray(rowIds) || !rowIds.every((id) => typeof id === 'bigint' || Number.isSafeInteger(id))) {
    throw new InvalidArgumentError(
      `Row ids of Parameter '${state.name}' must be an NDArray or a list of integers, got ${typeof rowIds}.`,
    );
  }
  const values = BigInt64Array.from(rowIds, (id) => BigInt(id));
  const ids = state.runtime.fromBytes({
    shape: [values.length],
    dtype: 'int64',
    device: cpu(),
    bytes: new Uint8Array(values.buffer),
  });
  try {
    return use(ids);
  } finally {
    ids.dispose();
  }
}

function trainerFor({ name, trainer }: ParameterState, what: string): ParameterTrainer {
  const held = trainer?.deref();
  if (!held) throw noTrainer(name, what);
  return held;
}

/** The only copy's device, else the current one (P-081, P-082). */
function usualDevice({ value }: ParameterState): Device {
  const [first, ...others] = value?.copies.devices ?? [];
  return first && others.length === 0 ? first : currentDevice();
}

function assertHasCopy(state: ParameterState, device: Device): void {
  if (!state.value) throw missing(state);
  const { devices } = state.value.copies;
  if (!devices.some((each) => each.equals(device))) throw notOnDevice(state.name, device, devices);
}

/** Makes `rows` a variable whose gradient is the Parameter's on that device: a forward pass computes with them. */
function markRows({ value, gradReq }: ParameterState, rows: RowSparseNDArray): void {
  const place = value?.copies.devices.findIndex((device) => device.equals(rows.device)) ?? -1;
  const [copy, grad] = [value?.copies.own[place], value?.grads?.own[place]];
  if (copy && grad) markInPlaceOf(copy, { array: rows, grad, req: gradReq });
}
