import { currentDevice, Device } from '../device/device.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { InitializerSpec } from '../initializer/index.ts';
import { type DType, isDType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import { STORAGE_TYPES, type StorageType } from '../ndarray/storage-type.ts';
import { GRAD_REQS, type GradReq } from './grad-req.ts';

export type { StorageType } from '../ndarray/storage-type.ts';
export { GRAD_REQS, type GradReq } from './grad-req.ts';

export interface ParameterOptions {
  readonly gradReq?: GradReq;
  /** Sizes, with -1 (or 0) for unknown ones; one number for a vector; null where not even the rank is known. */
  readonly shape?: Shape | number | null;
  /** @internal `shape` is that of a value that exists: a 0 in it is a real size. */
  readonly shapeIsKnown?: boolean;
  readonly dtype?: DType;
  /** Factor on the optimizer's learning rate. */
  readonly lrMult?: number;
  /** Factor on the optimizer's weight decay. */
  readonly wdMult?: number;
  /** The initializer unless `initialize` is given one: an instance, a registered name, or the JSON of `dumps()` (P-107). */
  readonly init?: InitializerSpec | null;
  readonly allowDeferredInit?: boolean;
  /** False keeps `gradReq` at `'null'`. */
  readonly differentiable?: boolean;
  readonly stype?: StorageType;
  readonly gradStype?: StorageType;
  /** The devices' runtime; the process' shared one by default. */
  readonly runtime?: DeviceRuntime | undefined;
}

/** @throws InvalidArgumentError (P-004, P-028) */
export function checkGradReq(name: string, value: string): GradReq {
  const known = GRAD_REQS.find((req) => req === value);
  if (known) return known;
  throw new InvalidArgumentError(
    `grad_req of Parameter '${name}' must be one of write, add, null, but got ${quote(value)}.`,
  );
}

/** @throws InvalidArgumentError (P-005, P-006) */
export function checkStorageType(attribute: 'stype' | 'grad_stype', name: string, value: string): StorageType {
  const known = STORAGE_TYPES.find((type) => type === value);
  if (known) return known;
  throw new InvalidArgumentError(
    `${attribute} for Parameter '${name}' must be one of default, row_sparse, csr, but got ${quote(value)}.`,
  );
}

/** @throws InvalidArgumentError (P-049) */
export function checkDType(name: string, value: string): DType {
  if (isDType(value)) return value;
  throw new InvalidArgumentError(`dtype of Parameter '${name}' is unknown: ${quote(value)}.`);
}

/** P-105: nothing means the current device. @throws InvalidArgumentError for an empty list. */
export function checkDevices(name: string, device: Device | readonly Device[] | null | undefined): readonly Device[] {
  if (device === null || device === undefined) return [currentDevice()];
  const devices = device instanceof Device ? [device] : [...device];
  if (devices.length > 0) return devices;
  throw new InvalidArgumentError(`Parameter '${name}' needs at least one device.`);
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
