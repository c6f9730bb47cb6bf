import { cpu, Device, formatDevices } from '../device/device.ts';
import { NDArray } from '../device/nd-array.ts';
import {
  CancelledError,
  DeviceMismatchError,
  DTypeMismatchError,
  InvalidArgumentError,
  ShapeMismatchError,
} from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import { finishFromSource, makeValue } from './initialize.ts';
import type { LazySource } from './lazy-source.ts';
import { type LoadOptions, loadCopies } from './load-copies.ts';
import type { Parameter } from './parameter.ts';
import { asValue, type ParameterData } from './parameter-data.ts';
import { named } from './parameter-errors.ts';
import { checkDevices } from './parameter-options.ts';
import { defer, devicesOf, hold, naming, type ParameterState } from './parameter-state.ts';
import { formatKnownShape, UNKNOWN } from './shape-rules.ts';

/** Whose dtype counts where they differ: the Parameter's or that of the saved data. */
export type DTypeSource = 'current' | 'saved';

export interface LoadInitOptions extends LoadOptions {
  /** False refuses data of another dtype. */
  readonly castDtype?: boolean | undefined;
  readonly dtypeSource?: DTypeSource | undefined;
  /** @deprecated The old name of `device`, which it overrides (P-089). */
  readonly ctx?: Device | readonly Device[] | null | undefined;
}

/** What is to be loaded, and where to. */
export interface LoadRequest {
  readonly data: ParameterData;
  readonly device: Device | readonly Device[] | null;
  readonly options: LoadInitOptions;
}

/** What the Parameter becomes by loading. */
interface LoadPlan {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly devices: readonly Device[];
}

/** `Parameter.loadInit`: rows P-220 … P-236. Without a source it is done when this returns. */
export async function loadInit(parameter: Parameter, state: ParameterState, request: LoadRequest): Promise<void> {
  const value = asValue(state.name, request.data, state.runtime);
  try {
    const plan = planLoad(state, value, request);
    if (value instanceof NDArray) take(parameter, state, { plan, value });
    else if (state.value) await overwrite(parameter, state, { source: value, plan, request });
    else await becomeSource(state, { source: value, plan, request });
  } finally {
    if (value instanceof NDArray && value !== request.data) value.dispose();
  }
}

function take(
  parameter: Parameter,
  state: ParameterState,
  { plan, value }: { readonly plan: LoadPlan; readonly value: NDArray },
): void {
  const { shape, dtype, devices } = plan;
  if (state.value) {
    state.trainer?.deref()?.beforeSetData(parameter);
    if (dtype !== state.dtype) parameter.cast(dtype);
    naming(state, () => state.value?.assign(value));
  } else {
    hold(state, makeValue({ ...state, shape, dtype }, devices, value));
  }
  Object.assign(state, { shape, dtype });
}

/** Reads the source beside the copies first, so that a failed load leaves them as they were. */
async function overwrite(
  parameter: Parameter,
  state: ParameterState,
  { source, plan, request }: { readonly source: LazySource; readonly plan: LoadPlan; readonly request: LoadRequest },
): Promise<void> {
  const before = state.value;
  const target = { runtime: state.runtime, devices: plan.devices.slice(0, 1), dtype: plan.dtype };
  const loaded = await loadCopies(source, target, request.options).catch((error: unknown) => {
    throw named(state.name, error);
  });
  try {
    if (state.value !== before) {
      throw new CancelledError(`Parameter '${state.name}' was changed while it was loaded: load it again.`);
    }
    const [value] = loaded;
    if (value) take(parameter, state, { plan: planLoad(state, source, request), value });
  } finally {
    for (const array of loaded) array.dispose();
  }
}

/** Deferred on the source until it is read; where that fails, what it was before. */
async function becomeSource(
  state: ParameterState,
  { source, plan, request }: { readonly source: LazySource; readonly plan: LoadPlan; readonly request: LoadRequest },
): Promise<void> {
  const { shape, dtype, deferred: before } = state;
  const { devices } = plan;
  defer(state, devices, source);
  const deferred = state.deferred;
  Object.assign(state, { shape: plan.shape, dtype: plan.dtype });
  try {
    await deferred?.finish(request.options, (options) => finishFromSource(state, { source, devices }, options));
  } catch (error) {
    if (state.deferred === deferred) Object.assign(state, { shape, dtype, deferred: before });
    throw error;
  }
}

/** Checks everything before anything changes. */
function planLoad(
  state: ParameterState,
  value: NDArray | LazySource,
  { data, device, options }: LoadRequest,
): LoadPlan {
  const { castDtype = false, dtypeSource = 'current' } = options;
  const { name } = state;
  // Numbers in lists have no dtype of their own.
  const saved = value === data ? value.dtype : state.dtype;
  if (castDtype && dtypeSource !== 'current' && dtypeSource !== 'saved') {
    throw new InvalidArgumentError(
      `dtypeSource must be 'current' or 'saved', but Parameter '${name}' was to be loaded with ${JSON.stringify(dtypeSource)}.`,
    );
  }
  assertLoadable(state, value.shape);
  if (saved !== state.dtype && !castDtype) {
    throw new DTypeMismatchError(
      `Failed loading Parameter '${name}' from saved params: dtype incompatible expected ${state.dtype} vs saved ${saved}. Set castDtype to cast the dtype of saved params.`,
      { parameter: name },
    );
  }
  const dtype = castDtype && dtypeSource === 'saved' ? saved : state.dtype;
  return { shape: [...value.shape], dtype, devices: loadDevices(state, options.ctx ?? device) };
}

/** P-221 … P-225 */
function assertLoadable({ name, shape }: ParameterState, saved: Shape): void {
  const fits =
    shape === null ||
    (shape.length === saved.length && shape.every((size, axis) => size === UNKNOWN || size === saved[axis]));
  if (fits) return;
  throw new ShapeMismatchError(
    `Failed loading Parameter '${name}' from saved params: shape incompatible expected ${formatKnownShape(shape)} vs saved ${formatShape(saved)}.`,
    { parameter: name },
  );
}

/** P-231 … P-233: devices that the Parameter has keep their order. */
function loadDevices(state: ParameterState, device: Device | readonly Device[] | null): readonly Device[] {
  const own = devicesOf(state);
  if (!own) return checkDevices(state.name, device ?? cpu());
  if (device === null) return own;
  const asked = device instanceof Device ? [device] : device;
  if (setOf(asked) === setOf(own)) return own;
  throw new DeviceMismatchError(
    `Failed to load Parameter '${state.name}' on ${formatDevices(asked)} because it was previous initialized on ${formatDevices(own)}.`,
    { parameter: state.name },
  );
}

function setOf(devices: readonly Device[]): string {
  return [...new Set(devices.map(String))].sort().join();
}
