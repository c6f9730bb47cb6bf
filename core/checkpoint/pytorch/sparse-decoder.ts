import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import type { PackedValue } from '../../ndarray/packed-storage.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { addElements } from './add-elements.ts';
import { collectPart } from './borrowed-job.ts';
import { compressedSegments, coordinateSegments, type Segments } from './sparse-segments.ts';

/** What is gathered before it is written. */
const WINDOW = 4 * 1024 * 1024;

const part = z.custom<PackedValue>();

const schema = z.union([
  z.object({ layout: z.literal('sparse_coo'), values: part, indices: part }),
  z.object({
    layout: z.enum(['sparse_csr', 'sparse_csc', 'sparse_bsr', 'sparse_bsc']),
    values: part,
    pointers: part,
    plain: part,
  }),
]);

/** The dense form of torch's sparse layouts. Values of one place add up, as `to_dense` has it. */
export async function decodeSparse(job: UnpackJob): Promise<void> {
  const { data } = schema.safeParse(job.parameters);
  if (!data) throw new CheckpointFormatError('A sparse tensor is described wrongly.');
  const values = await collectPart(job, data.values);
  const segments =
    data.layout === 'sparse_coo'
      ? coordinateSegments(await collectPart(job, data.indices), values.shape, job.shape)
      : compressedSegments({
          layout: data.layout,
          pointers: await collectPart(job, data.pointers),
          plain: await collectPart(job, data.plain),
          values: values.shape,
          shape: job.shape,
        });
  writeSegments(job, segments, values.bytes);
}

function writeSegments(job: UnpackJob, { starts, length }: Segments, values: Uint8Array): void {
  const window = new DenseWindow(job, length);
  for (const k of ascending(starts)) window.put(starts[k] ?? 0, values, k * length);
  window.flush();
  const written = bytesFor(job.dtype, starts.length * length);
  job.advance(Math.max(0, bytesFor(job.dtype, elementCount(job.shape)) - written));
}

/** The order in which runs come in the dense form; equal ones as they are stored. */
function ascending(starts: Float64Array): Iterable<number> {
  const sorted = starts.every((start, k) => k === 0 || start >= (starts[k - 1] ?? 0));
  const order = Uint32Array.from(starts, (_, k) => k);
  return sorted ? order : order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || a - b);
}

/** Puts ascending runs together to larger writes. */
class DenseWindow {
  readonly #job: UnpackJob;
  readonly #dtype: DType;
  readonly #itemsize: number;
  /** Elements of a run. */
  readonly #length: number;
  readonly #bytes: Uint8Array;
  /** Elements before the window, and where the last run in it ends. */
  #start = 0;
  #end = 0;
  /** Where the last run begins; −1 where there is none. */
  #last = -1;

  constructor(job: UnpackJob, length: number) {
    this.#job = job;
    this.#dtype = job.dtype;
    this.#itemsize = bytesFor(job.dtype, 1);
    this.#length = length;
    this.#bytes = new Uint8Array(Math.max(WINDOW, length * this.#itemsize));
  }

  put(start: number, values: Uint8Array, from: number): void {
    const run = values.subarray(from * this.#itemsize, (from + this.#length) * this.#itemsize);
    if (start === this.#last) {
      addElements(this.#dtype, this.#at(start), run);
      return;
    }
    if ((start + this.#length - this.#start) * this.#itemsize > this.#bytes.length || this.#last < 0) {
      this.flush();
      this.#start = start;
      this.#end = start;
    }
    if (start > this.#end) this.#between(this.#end, start).fill(0);
    this.#at(start).set(run);
    this.#last = start;
    this.#end = start + this.#length;
  }

  flush(): void {
    if (this.#end === this.#start) return;
    const filled = this.#between(this.#start, this.#end);
    this.#job.write(filled, this.#start * this.#itemsize);
    this.#job.advance(0);
    this.#start = this.#end;
  }

  #at(element: number): Uint8Array {
    return this.#between(element, element + this.#length);
  }

  #between(from: number, to: number): Uint8Array {
    return this.#bytes.subarray((from - this.#start) * this.#itemsize, (to - this.#start) * this.#itemsize);
  }
}
