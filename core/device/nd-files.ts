import { InvalidArgumentError } from '../errors.ts';
import {
  type ByteStream,
  CHUNK_BYTES,
  readArrayFile,
  type StoredArray,
  type StoredCSR,
  type StoredDense,
  type StoredRowSparse,
  writeArrayFile,
} from '../ndarray/array-file.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import { elementCount, type Shape } from '../ndarray/shape.ts';
import { currentDevice, type Device } from './device.ts';
import { NDArray } from './nd-array.ts';
import type { DeviceRuntime } from './runtime.ts';
import { sharedRuntime } from './shared-runtime.ts';
import { CSRNDArray, csrArray, RowSparseNDArray, rowSparseArray } from './sparse.ts';

/** Chunks on their way to the device at once; beyond, loading waits for the device. */
const IN_FLIGHT = 4;

export type SavableArrays = NDArray | readonly NDArray[] | Readonly<Record<string, NDArray>>;
export type LoadedArrays = NDArray[] | Record<string, NDArray>;

export interface LoadOptions {
  /** Where the arrays are made, whatever device they were saved from; the current one by default. */
  readonly device?: Device | undefined;
  readonly runtime?: DeviceRuntime | undefined;
}

/**
 * Writes one array, a list, or arrays by name (`mx.nd.save`). The ending of `path` names the format:
 * `.params` and `.nd` MXNet, `.npy` (one dense array) and `.npz` NumPy, `.safetensors` (dense arrays; those
 * of a list are called `arr_0`, `arr_1`, …, as in `.npz`). Every dtype is written bit for bit, or refused. The
 * file is replaced at once or left as it was. Values are read while it is written: change the arrays after that.
 *
 * @throws InvalidArgumentError for an unknown ending, for what is no array, and for what the format cannot hold.
 * @throws UnsupportedDTypeError where the format lacks the dtype of an array.
 * @throws SaveFailedError where the system refuses.
 */
export async function save(path: string, data: SavableArrays): Promise<void> {
  checkPath(path);
  const { names, arrays } = listed(data);
  const held: NDArray[] = [];
  try {
    const stored: StoredArray[] = [];
    for (const array of arrays) stored.push(await storedArray(array, held));
    await writeArrayFile(path, { names, arrays: stored });
  } finally {
    for (const array of held) array.dispose();
  }
}

/**
 * Reads what `save`, MXNet, NumPy or safetensors wrote (`mx.nd.load`); the content of the file decides
 * its format. Arrays with names come as an object, the others (a `.npy`, an MXNet list) as a list.
 *
 * @throws FileAccessError, CheckpointFormatError, UnsafeCheckpointError (pickled objects), UnsupportedDTypeError.
 */
export async function load(path: string, options: LoadOptions = {}): Promise<LoadedArrays> {
  checkPath(path);
  const { names, arrays } = await readArrayFile(path);
  const loaded: NDArray[] = [];
  try {
    for (const array of arrays) loaded.push(await arrayFromStored(array, options));
  } catch (error) {
    for (const array of loaded) array.dispose();
    throw error;
  }
  return names ? Object.fromEntries(loaded.map((array, index) => [names[index] ?? String(index), array])) : loaded;
}

/** An array on a device from plain data. */
export async function arrayFromStored(stored: StoredArray, options: LoadOptions = {}): Promise<NDArray> {
  const { device = currentDevice(), runtime = sharedRuntime() } = options;
  const upload = new Uploading({ device, runtime });
  try {
    switch (stored.stype) {
      case 'default':
        return await upload.dense(stored);
      case 'row_sparse':
        return await upload.rowSparse(stored);
      case 'csr':
        return await upload.csr(stored);
    }
  } finally {
    upload.release();
  }
}

function checkPath(path: unknown): void {
  if (typeof path === 'string' && path !== '') return;
  throw new InvalidArgumentError(`A file name is needed to save or load arrays, got ${typeof path}.`);
}

function listed(data: SavableArrays): { names: string[] | null; arrays: readonly NDArray[] } {
  if (data instanceof NDArray) return { names: null, arrays: [data] };
  const given: unknown = data;
  if (typeof given !== 'object' || given === null) throw notArrays();
  const names = Array.isArray(given) ? null : Object.keys(given);
  const arrays: unknown[] = Object.values(given);
  return {
    names,
    arrays: arrays.map((array) => {
      if (array instanceof NDArray) return array;
      throw notArrays();
    }),
  };
}

function notArrays(): InvalidArgumentError {
  return new InvalidArgumentError(
    'What is saved must be an NDArray, a list of NDArrays or an object of NDArrays by name.',
  );
}

/** Plain data for the values of `array`; what is made for that goes to `held`. */
async function storedArray(array: NDArray, held: NDArray[]): Promise<StoredArray> {
  const { dtype, shape } = array;
  if (array instanceof RowSparseNDArray) {
    const { indices, values } = await array.components();
    held.push(indices, values);
    const streams = { indices: streamOfArray(indices), values: streamOfArray(values) };
    return { stype: 'row_sparse', dtype, shape, rows: indices.size, ...streams };
  }
  if (array instanceof CSRNDArray) {
    const { indptr, indices, values } = await array.components();
    held.push(indptr, indices, values);
    const streams = { indptr: streamOfArray(indptr), indices: streamOfArray(indices), values: streamOfArray(values) };
    return { stype: 'csr', dtype, shape, nnz: indices.size, ...streams };
  }
  const handle = array.detach();
  held.push(handle);
  return { stype: 'default', dtype, shape, values: streamOfArray(handle) };
}

function streamOfArray(array: NDArray): ByteStream {
  const step = CHUNK_BYTES / bytesFor(array.dtype, 1);
  return {
    nbytes: array.nbytes,
    async *chunks() {
      for (let start = 0; start < array.size; start += step) {
        yield await array.bytes({ start, count: Math.min(step, array.size - start) });
      }
    },
  };
}

/** Arrays that are being made on one device; parts of sparse ones are freed by `release`. */
class Uploading {
  readonly #device: Device;
  readonly #runtime: DeviceRuntime;
  readonly #parts: NDArray[] = [];

  constructor({ device, runtime }: { readonly device: Device; readonly runtime: DeviceRuntime }) {
    this.#device = device;
    this.#runtime = runtime;
  }

  async dense({ dtype, shape, values, order }: StoredDense): Promise<NDArray> {
    if (!order) return await this.#upload({ dtype, shape }, values);
    // Where the first index varies fastest the bytes are those of the transposed array in C order.
    const transposed = await this.#part({ dtype, shape: shape.toReversed() }, values);
    const axes = shape.map((_, axis) => shape.length - 1 - axis);
    const [array] = this.#runtime.invoke('transpose', [transposed], {
      attributes: { axes },
      outputs: [{ shape, dtype }],
    });
    return array ?? transposed.detach();
  }

  async rowSparse({ dtype, shape, rows, indices, values }: StoredRowSparse): Promise<NDArray> {
    const parts = {
      indices: await this.#part({ dtype: 'int64', shape: [rows] }, indices),
      data: await this.#part({ dtype, shape: [rows, ...shape.slice(1)] }, values),
    };
    return await this.#checked(rowSparseArray({ ...parts, shape }));
  }

  async csr({ dtype, shape, nnz, indptr, indices, values }: StoredCSR): Promise<NDArray> {
    const [rows = 0] = shape;
    const parts = {
      indptr: await this.#part({ dtype: 'int64', shape: [rows + 1] }, indptr),
      indices: await this.#part({ dtype: 'int64', shape: [nnz] }, indices),
      data: await this.#part({ dtype, shape: [nnz] }, values),
    };
    return await this.#checked(csrArray({ ...parts, shape }));
  }

  release(): void {
    for (const part of this.#parts) part.dispose();
  }

  /** A file whose indices are wrong is refused here and not at some later read. */
  async #checked(array: RowSparseNDArray | CSRNDArray): Promise<NDArray> {
    try {
      await this.#runtime.sync(array.buffer.parts);
      return array;
    } catch (error) {
      array.dispose();
      throw error;
    }
  }

  async #part(spec: { readonly dtype: DType; readonly shape: Shape }, stream: ByteStream): Promise<NDArray> {
    const part = await this.#upload(spec, stream);
    this.#parts.push(part);
    return part;
  }

  async #upload(spec: { readonly dtype: DType; readonly shape: Shape }, stream: ByteStream): Promise<NDArray> {
    const array = this.#runtime.zeros({ ...spec, device: this.#device });
    try {
      await this.#fill(array, stream);
      return array;
    } catch (error) {
      array.dispose();
      throw error;
    }
  }

  async #fill(array: NDArray, stream: ByteStream): Promise<void> {
    const { dtype, shape } = array;
    const wanted = bytesFor(dtype, elementCount(shape));
    if (stream.nbytes !== wanted) {
      throw new InvalidArgumentError(`An array of ${wanted} bytes cannot be made of ${stream.nbytes}.`);
    }
    const size = bytesFor(dtype, 1);
    let offset = 0;
    let inFlight = 0;
    for await (const bytes of stream.chunks()) {
      this.#runtime.upload(array, { dtype, offset, bytes });
      offset += bytes.length / size;
      inFlight += 1;
      if (inFlight % IN_FLIGHT === 0) await this.#runtime.sync([array]);
    }
  }
}
