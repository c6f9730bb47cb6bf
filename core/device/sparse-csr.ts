import { ShapeMismatchError } from '../errors.ts';
import { elementCount, formatShape } from '../ndarray/shape.ts';
import type { ArraySpec } from './array-requests.ts';
import { currentDevice } from './device.ts';
import type { NDArray } from './nd-array.ts';
import { SparseNDArray } from './sparse-array.ts';
import { SparseBuffer } from './sparse-buffer.ts';
import { assertHoldsSparse, head, makeAll, only, partOf } from './sparse-parts.ts';

/** What a csr array stores, as arrays of the caller's own. */
export interface CSRComponents {
  /** int64, one more than there are rows: where each row begins among the stored elements. */
  readonly indptr: NDArray;
  /** int64, ascending within a row: the column of each stored element. */
  readonly indices: NDArray;
  readonly values: NDArray;
}

/** A matrix in compressed sparse rows. After MXNet's CSRNDArray. Parts: `indptr`, `indices`, `values`. */
export class CSRNDArray extends SparseNDArray {
  override get stype(): 'csr' {
    return 'csr';
  }

  /** What is stored and nothing else. Waits for the device to say how many elements that is. */
  async components(): Promise<CSRComponents> {
    const held = this.detach();
    try {
      const { parts, values } = this.live;
      const [indptr, indices] = [partOf(parts, 0), partOf(parts, 1)];
      const count = Number((await indptr.data()).at(-1) ?? 0);
      const heads = makeAll([indptr, indices, values], (part) => head(part, part === indptr ? part.size : count));
      return { indptr: partOf(heads, 0), indices: partOf(heads, 1), values: partOf(heads, 2) };
    } finally {
      held.dispose();
    }
  }

  toDense(): NDArray {
    const { shape, dtype } = this;
    return only(this.runtime.invoke('csr_to_dense', this.live.parts, { outputs: [{ shape, dtype }] }));
  }

  protected over(buffer: SparseBuffer): CSRNDArray {
    return new CSRNDArray(this.runtime, buffer);
  }

  protected emptyParts(spec: ArraySpec): readonly NDArray[] {
    return makeAll(csrParts(spec, 0), (part) => this.runtime.zeros(part));
  }
}

/** The arrays for up to `capacity` stored elements. @throws ShapeMismatchError for what is no matrix. */
export function csrParts({ shape, dtype, device = currentDevice() }: ArraySpec, capacity: number): ArraySpec[] {
  assertHoldsSparse(device, 'csr');
  const [rows = 0] = shape;
  if (shape.length !== 2) {
    throw new ShapeMismatchError(`A csr array is a matrix, but its shape is ${formatShape(shape)}.`);
  }
  return [
    { shape: [rows + 1], dtype: 'int64', device },
    { shape: [capacity], dtype: 'int64', device },
    { shape: [capacity], dtype, device },
  ];
}

/** @throws ShapeMismatchError for what is no matrix. */
export function denseToCSR(dense: NDArray): CSRNDArray {
  const { runtime, shape } = dense;
  const outputs = csrParts(dense, elementCount(shape));
  const parts = runtime.invoke('dense_to_csr', [dense], { outputs });
  return new CSRNDArray(runtime, new SparseBuffer({ stype: 'csr', shape }, parts));
}
