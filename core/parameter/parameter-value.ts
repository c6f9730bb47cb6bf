import { cpu, type Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { assignArray, clearArray, convertArray, zerosOf } from '../device/sparse.ts';
import { makeAll } from '../device/sparse-parts.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import { unmark } from '../symbol/tape.ts';
import { DeviceArrays } from './device-arrays.ts';
import { markWithBuffer } from './gradient-marks.ts';
import type { GradReq } from './parameter-options.ts';

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

export interface ValueOptions {
  readonly runtime: DeviceRuntime;
  readonly gradReq: GradReq;
  readonly gradStype: StorageType;
}

/**
 * What an initialized Parameter holds: its copies, and a gradient buffer beside each where it has
 * gradients, into which backward writes (P-270). Every change makes all new arrays first, so that one
 * that fails changes nothing.
 */
export class ParameterValue {
  readonly #runtime: DeviceRuntime;
  readonly #gradStype: StorageType;
  #gradReq: GradReq;
  #copies: DeviceArrays;
  #grads: DeviceArrays | null;

  /** Takes over `copies`, and frees them where there is no memory for their gradients. */
  constructor(copies: readonly NDArray[], { runtime, gradReq, gradStype }: ValueOptions) {
    this.#runtime = runtime;
    this.#gradReq = gradReq;
    this.#gradStype = gradStype;
    this.#copies = new DeviceArrays(copies);
    try {
      this.#grads = gradReq === 'null' ? null : this.#zeroGradients();
    } catch (error) {
      this.#copies.release();
      throw error;
    }
    this.#mark();
  }

  get copies(): DeviceArrays {
    return this.#copies;
  }

  get grads(): DeviceArrays | null {
    return this.#grads;
  }

  /**
   * P-022, P-024: new buffers of zeros. P-023: to null, the copies become other handles of the same
   * memory, which no gradient belongs to.
   */
  setGradReq(req: GradReq): void {
    if (req === 'null') {
      this.#replace(
        this.#copies.own.map((copy) => copy.detach()),
        null,
      );
    } else {
      const grads = this.#zeroGradients();
      this.#grads?.release();
      this.#grads = grads;
    }
    this.#gradReq = req;
    this.#mark();
  }

  zeroGrad(): void {
    for (const grad of this.#grads?.own ?? []) clearArray(grad);
  }

  /** Into every copy in place, cast to its dtype (P-162). */
  assign(value: NDArray): void {
    for (const copy of this.#copies.own) assignArray(copy, value);
  }

  /** Gradients keep their values (P-043). */
  cast(dtype: DType): void {
    const grads = this.#grads?.own ?? [];
    const arrays = makeAll([...this.#copies.own, ...grads], (array) =>
      convertArray(array, { dtype, device: array.device, stype: array.stype }),
    );
    const cut = arrays.length - grads.length;
    this.#replace(arrays.slice(0, cut), this.#grads && new DeviceArrays(arrays.slice(cut)));
    this.#mark();
  }

  /** The mean of the copies as an array of its own on cpu(0) (P-175). */
  mean(): NDArray {
    return this.#runtime.mean(this.#copies.own, cpu());
  }

  /**
   * Puts copies that were lost with their device back from one that was not, with new gradient buffers of
   * zeros; what survived stays as it is. False where nothing survived.
   */
  restoreLost(): boolean {
    const survivor = this.#copies.own.find((copy) => !copy.lost);
    if (!survivor) return false;
    const lost = this.#copies.own.filter((copy) => copy.lost);
    const made = makeAll(lost, ({ dtype, device, stype }) => convertArray(survivor, { dtype, device, stype }));
    const lostGrads = this.#grads?.own.filter((grad) => grad.lost) ?? [];
    try {
      const grads = makeAll(lostGrads, (grad) => zerosLike(this.#runtime, grad));
      this.#copies = this.#copies.replaced((copy) => made[lost.indexOf(copy)]);
      this.#grads = this.#grads?.replaced((grad) => grads[lostGrads.indexOf(grad)]) ?? null;
    } catch (error) {
      for (const copy of made) copy.dispose();
      throw error;
    }
    this.#mark();
    return true;
  }

  release(): void {
    for (const copy of this.#copies.own) unmark(copy);
    this.#copies.release();
    this.#grads?.release();
  }

  #zeroGradients(): DeviceArrays {
    const stype = this.#gradStype;
    return new DeviceArrays(
      makeAll(this.#copies.own, ({ shape, dtype, device }) => zerosOf(this.#runtime, { shape, dtype, device, stype })),
    );
  }

  #replace(copies: readonly NDArray[], grads: DeviceArrays | null): void {
    this.release();
    this.#copies = new DeviceArrays(copies);
    this.#grads = grads;
  }

  #mark(): void {
    const grads = this.#grads?.own ?? [];
    this.#copies.own.forEach((copy, i) => {
      const grad = grads[i];
      if (grad) markWithBuffer(copy, grad, this.#gradReq);
    });
  }
}

function zerosLike(runtime: DeviceRuntime, { shape, dtype, device, stype }: NDArray): NDArray {
  return zerosOf(runtime, { shape, dtype, device, stype });
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
