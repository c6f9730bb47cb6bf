import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount, stridesOf } from '../../ndarray/shape.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { typedPieces, typedSchema } from './typed-values.ts';

/** Elements that lie in a file as they are, or in a typed field of the model. */
const sourceSchema = z.object({
  file: z.int().nonnegative(),
  offset: z.int().nonnegative(),
  nbytes: z.int().nonnegative(),
  typed: typedSchema.nullable(),
});

export type SparseSource = z.infer<typeof sourceSchema>;

const parametersSchema = z.object({
  values: sourceSchema,
  indices: sourceSchema,
  count: z.int().nonnegative(),
  /** Numbers per position: 1 where positions count elements, else one per axis. */
  axes: z.int().positive(),
});

export type SparseParameters = z.infer<typeof parametersSchema>;

const PIECE_BYTES = 1024 * 1024;
/** The part of the dense value that is put together at once. */
const DENSE_BYTES = 4 * 1024 * 1024;

/** Spreads a SparseTensorProto: stored values at ascending positions, zeros everywhere else. */
export async function decodeSparse(job: UnpackJob): Promise<void> {
  const { data, error } = parametersSchema.safeParse(job.parameters);
  if (!data) throw new CheckpointFormatError(`A sparse tensor is described wrongly: ${error?.message}`);
  const item = bytesFor(job.dtype, 1);
  const values = new Elements(job, data.values, item);
  const positions = new Positions(job, data);
  const dense = new DenseWindow(job, item);
  for (let i = 0; i < data.count; i++) dense.put(positions.next(), values.next());
  dense.finish();
}

function fail(job: UnpackJob, { file, offset }: SparseSource, problem: string): never {
  const { name } = job.file(file);
  throw new CheckpointFormatError(`${name}: a sparse tensor ${problem} (byte ${offset} of the file).`, {
    file: name,
    offset,
  });
}

/** Elements of a source, one by one. */
class Elements {
  readonly #job: UnpackJob;
  readonly #source: SparseSource;
  readonly #pieces: Iterator<Uint8Array>;
  readonly #item: number;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(job: UnpackJob, source: SparseSource, item: number) {
    this.#job = job;
    this.#source = source;
    this.#pieces = piecesOf(job, source, item);
    this.#item = item;
  }

  next(): Uint8Array {
    while (this.#at >= this.#piece.length) {
      const { value, done } = this.#pieces.next();
      if (done) fail(this.#job, this.#source, 'has fewer values or indices than it says');
      this.#piece = value;
      this.#at = 0;
    }
    this.#at += this.#item;
    return this.#piece.subarray(this.#at - this.#item, this.#at);
  }
}

function* piecesOf(job: UnpackJob, { file, offset, nbytes, typed }: SparseSource, item: number): Generator<Uint8Array> {
  if (typed) {
    yield* typedPieces(job.file(file), typed);
    return;
  }
  const step = Math.floor(PIECE_BYTES / item) * item;
  for (let start = 0; start < nbytes; start += step) {
    const piece = new Uint8Array(Math.min(step, nbytes - start));
    job.file(file).read(offset + start, piece);
    yield piece;
  }
}

/** The elements that positions name, counted in C order; they must ascend, as onnx.proto wants. */
class Positions {
  readonly #job: UnpackJob;
  readonly #source: SparseSource;
  readonly #indices: Elements;
  readonly #shape: readonly number[];
  readonly #strides: readonly number[];
  readonly #axes: number;
  #last = -1;

  constructor(job: UnpackJob, { indices, axes }: SparseParameters) {
    this.#job = job;
    this.#source = indices;
    this.#indices = new Elements(job, indices, 8);
    this.#shape = axes === 1 && job.shape.length !== 1 ? [elementCount(job.shape)] : job.shape;
    this.#strides = stridesOf(this.#shape);
    this.#axes = axes;
  }

  next(): number {
    let position = 0;
    for (let axis = 0; axis < this.#axes; axis++) {
      const bytes = this.#indices.next();
      const index = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true));
      const size = this.#shape[axis] ?? 0;
      if (index < 0 || index >= size) {
        fail(this.#job, this.#source, `names index ${index} of an axis of size ${size}`);
      }
      position += index * (this.#strides[axis] ?? 1);
    }
    if (position <= this.#last) {
      fail(this.#job, this.#source, `has indices that do not ascend: ${position} follows ${this.#last}`);
    }
    this.#last = position;
    return position;
  }
}

/** The dense value from its beginning on, written window by window where there is anything but zeros. */
class DenseWindow {
  readonly #job: UnpackJob;
  readonly #item: number;
  readonly #bytes: Uint8Array;
  #start = 0;
  #isEmpty = true;

  constructor(job: UnpackJob, item: number) {
    this.#job = job;
    this.#item = item;
    this.#bytes = new Uint8Array(Math.min(Math.floor(DENSE_BYTES / item) * item, job.nbytes));
  }

  put(position: number, element: Uint8Array): void {
    const at = position * this.#item;
    while (at >= this.#start + this.#bytes.length) this.#leave(at);
    this.#bytes.set(element, at - this.#start);
    this.#isEmpty = false;
  }

  finish(): void {
    this.#flush();
    this.#job.advance(this.#job.nbytes - this.#start);
  }

  /** Goes on to the window that holds byte `at`. */
  #leave(at: number): void {
    this.#flush();
    const next = Math.floor(at / this.#bytes.length) * this.#bytes.length;
    this.#job.advance(next - this.#start);
    this.#start = next;
  }

  #flush(): void {
    if (this.#isEmpty) return;
    this.#job.write(this.#bytes.subarray(0, Math.min(this.#bytes.length, this.#job.nbytes - this.#start)), this.#start);
    this.#bytes.fill(0);
    this.#isEmpty = true;
  }
}
