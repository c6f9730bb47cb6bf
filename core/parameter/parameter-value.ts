import { cpu, type Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import type { DType } from '../ndarray/dtype.ts';
import { DeviceArrays, makeAll } from './device-arrays.ts';

/** One copy of a value or one gradient buffer, as the window lists it. */
export interface ParameterCopy {
  readonly device: Device;
  readonly dtype: DType;
  /** Bytes in storage. */
  readonly bytes: number;
  /** True where the device worker that held it died; `norm` then rejects with `DeviceLostError`. */
  readonly lost: boolean;
  /** L2 norm in float64, computed on the device; null for complex copies. */
  norm(): Promise<number | null>;
}

/**
 * What an initialized Parameter holds: its copies, and a gradient buffer beside each where it has
 * gradients. Every change makes all new arrays first, so that one that fails changes nothing.
 */
export class ParameterValue {
  readonly #runtime: DeviceRuntime;
  #copies: DeviceArrays;
  #grads: DeviceArrays | null;

  /** Takes over `copies`, and frees them where there is no memory for their gradients. */
  constructor(runtime: DeviceRuntime, copies: readonly NDArray[], withGradients: boolean) {
    this.#runtime = runtime;
    this.#copies = new DeviceArrays(copies);
    try {
      this.#grads = withGradients ? this.#zerosLike(copies) : null;
    } catch (error) {
      this.#copies.release();
      throw error;
    }
  }

  get copies(): DeviceArrays {
    return this.#copies;
  }

  get grads(): DeviceArrays | null {
    return this.#grads;
  }

  /** New buffers of zeros (P-022, P-024). */
  renewGradients(): void {
    this.#replaceGrads(this.#zerosLike(this.#copies.own));
  }

  /** The copies become other handles of the same memory, which no gradient belongs to (P-023). */
  dropGradients(): void {
    this.#replaceCopies(this.#copies.own.map((copy) => copy.detach()));
    this.#replaceGrads(null);
  }

  zeroGrad(): void {
    for (const grad of this.#grads?.own ?? []) this.#runtime.zero(grad);
  }

  /** Into every copy in place, cast to its dtype (P-162). */
  assign(value: NDArray): void {
    for (const copy of this.#copies.own) this.#runtime.assign(copy, value);
  }

  /** Gradients keep their values (P-043). */
  cast(dtype: DType): void {
    const grads = this.#grads?.own ?? [];
    const arrays = makeAll([...this.#copies.own, ...grads], (array) => array.asType(dtype));
    const cut = arrays.length - grads.length;
    this.#replaceCopies(arrays.slice(0, cut));
    if (this.#grads) this.#replaceGrads(new DeviceArrays(arrays.slice(cut)));
  }

  /** The mean of the copies on every one of `devices`; gradients are new zeros (P-171). */
  moveTo(devices: readonly Device[]): void {
    const mean = this.mean();
    try {
      const copies = makeAll(devices, (device) => mean.copyTo(device));
      const moved = new ParameterValue(this.#runtime, copies, this.#grads !== null);
      this.#replaceCopies(moved.#copies.own);
      this.#replaceGrads(moved.#grads);
    } finally {
      mean.dispose();
    }
  }

  /** The mean of the copies as an array of its own on cpu(0) (P-175). */
  mean(): NDArray {
    return this.#runtime.mean(this.#copies.own, cpu());
  }

  release(): void {
    this.#copies.release();
    this.#grads?.release();
  }

  #zerosLike(arrays: readonly NDArray[]): DeviceArrays {
    return new DeviceArrays(
      makeAll(arrays, ({ shape, dtype, device }) => this.#runtime.zeros({ shape, dtype, device })),
    );
  }

  #replaceCopies(arrays: readonly NDArray[]): void {
    this.#copies.release();
    this.#copies = new DeviceArrays(arrays);
  }

  #replaceGrads(grads: DeviceArrays | null): void {
    this.#grads?.release();
    this.#grads = grads;
  }
}

export function describeArrays(arrays: DeviceArrays | null | undefined): readonly ParameterCopy[] {
  return (arrays?.own ?? []).map((array) => ({
    device: array.device,
    dtype: array.dtype,
    bytes: array.nbytes,
    lost: array.lost,
    norm: () => array.norm(),
  }));
}
