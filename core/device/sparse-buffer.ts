import { InvalidStateError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import type { Device } from './device.ts';
import type { DeviceBuffer, NDArray } from './nd-array.ts';
import type { Handle } from './protocol.ts';
import type { Residence } from './residence.ts';

export interface SparseSpec {
  readonly stype: Exclude<StorageType, 'default'>;
  /** The full logical shape. */
  readonly shape: Shape;
}

/**
 * What the handles of one sparse array share: the dense arrays that it is made of, of which the last
 * holds the stored values. They are replaced together when the array is written. A sparse array has no
 * handle of its own: an operator that only knows dense arrays asks for it and is told so.
 */
export class SparseBuffer implements DeviceBuffer {
  readonly stype: SparseSpec['stype'];
  readonly shape: Shape;
  references = 1;
  #parts: readonly NDArray[];
  #values: NDArray;

  constructor({ stype, shape }: SparseSpec, parts: readonly NDArray[]) {
    this.stype = stype;
    this.shape = shape;
    this.#parts = parts;
    this.#values = lastOf(parts);
  }

  /** @throws InvalidStateError always. */
  get handle(): Handle {
    throw new InvalidStateError(
      `A ${this.stype} array of shape ${formatShape(this.shape)} cannot be used where a dense one is needed: convert it with toStype('default') first.`,
    );
  }

  get residence(): Residence {
    return this.#values.buffer.residence;
  }

  get dtype(): DType {
    return this.#values.dtype;
  }

  get device(): Device {
    return this.#values.device;
  }

  get bytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.buffer.bytes, 0);
  }

  get parts(): readonly NDArray[] {
    return this.#parts;
  }

  get values(): NDArray {
    return this.#values;
  }

  /** Takes over `parts` and frees those that were there. */
  replace(parts: readonly NDArray[]): void {
    const old = this.#parts;
    this.#values = lastOf(parts);
    this.#parts = parts;
    for (const part of old) part.dispose();
  }

  release(): void {
    if (--this.references === 0) for (const part of this.#parts) part.dispose();
  }
}

function lastOf(parts: readonly NDArray[]): NDArray {
  const values = parts.at(-1);
  if (!values) throw new InvalidStateError('A sparse array is made of at least one array.');
  return values;
}
