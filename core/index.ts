/** The library: `import … from 'parascope/core'`. Every name here is a promise; the folders behind it are not. */
import './checkpoint/array-files.ts';
import { cpu, currentDevice, Device, gpu, withDevice } from './device/device.ts';
import * as arrays from './device/nd.ts';
import * as arrayFiles from './device/nd-files.ts';
import * as sparseArrays from './device/nd-sparse.ts';

export type { Checkpoint, CheckpointFile, Entry } from './checkpoint/checkpoint.ts';
export { openCheckpoint } from './checkpoint/open.ts';
export type { ArrayDistance, ArrayStatistics } from './device/array-statistics.ts';
export { type DeviceInfo, discoverDevices } from './device/discover.ts';
export { NDArray } from './device/nd-array.ts';
export { waitAll } from './device/shared-runtime.ts';
export { CSRNDArray, RowSparseNDArray, SparseNDArray } from './device/sparse.ts';
export * from './errors.ts';
export * as initializer from './initializer/index.ts';
export { DTYPES, type DType } from './ndarray/dtype.ts';
export * as nn from './nn/index.ts';
export { Constant } from './parameter/constant.ts';
export type { LazySource } from './parameter/lazy-source.ts';
export { Parameter } from './parameter/parameter.ts';
export { ParameterDict } from './parameter/parameter-dict.ts';
export { autograd } from './symbol/autograd.ts';
export { Symbol, symbol } from './symbol/symbol.ts';
export { KVStore } from './trainer/kvstore.ts';
export { Trainer } from './trainer/trainer.ts';
export { warnings } from './warnings.ts';
export { cpu, currentDevice, Device, gpu, withDevice };

/** Arrays on devices, after MXNet's `nd`. */
export const nd = { ...arrays, ...sparseArrays, ...arrayFiles };
