import '../checkpoint/array-files.ts';
import { describeDType } from '../checkpoint/numpy/descr.ts';
import { UnsupportedDTypeError } from '../errors.ts';
import { type ByteStream, CHUNK_BYTES, type StoredArray, writeArrayFile } from '../ndarray/array-file.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount } from '../ndarray/shape.ts';
import type { TensorEngine, WorkOptions } from '../stats/engine.ts';

export interface NamedTensor {
  readonly name: string;
  readonly tensor: LazyTensor;
}

export interface ExportOptions extends WorkOptions {
  readonly engine: TensorEngine;
}

/** Whether one tensor of this dtype fits into a `.npy` file that NumPy reads by itself. */
export function hasNumpyDType(tensor: LazyTensor): boolean {
  try {
    describeDType(resultDType(tensor), '');
    return true;
  } catch (error) {
    if (error instanceof UnsupportedDTypeError) return false;
    throw error;
  }
}

/** Bytes of the elements as they will be written. */
export function exportedBytes(tensors: readonly NamedTensor[]): number {
  return tensors.reduce((sum, { tensor }) => sum + nbytesOf(tensor), 0);
}

/**
 * Writes the current values of some tensors, edits included, to a new file; the ending of `path` names the
 * format, and a `.npy` file holds one array without its name.
 *
 * @throws UnsupportedDTypeError for a dtype that the format lacks.
 */
export async function exportTensors(
  path: string,
  tensors: readonly NamedTensor[],
  { engine, signal, onProgress }: ExportOptions,
): Promise<void> {
  let done = 0;
  const progress = (bytes: number): void => {
    done += bytes;
    onProgress?.(done);
  };
  const arrays = tensors.map(({ tensor }): StoredArray => {
    const values = valuesOf(tensor, { engine, signal, onProgress: progress });
    return { stype: 'default', dtype: resultDType(tensor), shape: tensor.shape, values };
  });
  const names = path.endsWith('.npy') ? null : tensors.map(({ name }) => name);
  await writeArrayFile(path, { names, arrays });
}

/** The elements in pieces that the engine evaluates; `onProgress` is told the bytes of each. */
function valuesOf(tensor: LazyTensor, { engine, signal, onProgress }: ExportOptions): ByteStream {
  const count = elementCount(tensor.shape);
  const piece = pieceElements(resultDType(tensor));
  return {
    nbytes: nbytesOf(tensor),
    async *chunks() {
      for (let start = 0; start < count; start += piece) {
        const bytes = await engine.read(tensor, start, Math.min(piece, count - start), {
          signal,
          priority: 'background',
        });
        onProgress?.(bytes.length);
        yield bytes;
      }
    },
  };
}

function nbytesOf(tensor: LazyTensor): number {
  return bytesFor(resultDType(tensor), elementCount(tensor.shape));
}

/** So many elements begin and end on whole bytes and blocks of any dtype, and fill multiples of 16 bytes. */
const GROUP = 256;

function pieceElements(dtype: DType): number {
  return Math.floor(CHUNK_BYTES / bytesFor(dtype, GROUP)) * GROUP;
}
