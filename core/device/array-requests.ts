import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { Device } from './device.ts';
import type { Attributes } from './protocol.ts';

export interface ArraySpec {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device?: Device | undefined;
}

/** What `DeviceRuntime.invoke` makes: the new arrays in the order in which the kernel gets them. */
export interface InvokeCall {
  readonly attributes?: Attributes | undefined;
  readonly outputs: readonly ArraySpec[];
}

/** Storage bytes of `dtype` that are to be written from element `offset` on. */
export interface UploadChunk {
  readonly dtype: DType;
  readonly offset: number;
  readonly bytes: Uint8Array;
}
