import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { plainBytes, swapSize } from '../unpack/stored-bytes.ts';

const size = z.int().nonnegative();
const parametersSchema = z.object({
  slices: z.array(
    z.object({
      start: z.array(size),
      shape: z.array(size),
      run: z.object({ file: size, offset: size, nbytes: size }),
    }),
  ),
  bigEndian: z.boolean(),
});

type Slice = z.infer<typeof parametersSchema>['slices'][number];

/** Bytes that are moved at once, of rows that are longer. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** Puts every slice of a partitioned variable where it belongs. */
export async function decodeSlices(job: UnpackJob): Promise<void> {
  const { data, error } = parametersSchema.safeParse(job.parameters);
  if (!data) throw new CheckpointFormatError(`A tensor in slices is described wrongly: ${error.message}`);
  const swap = data.bigEndian ? swapSize(job.dtype) : 1;
  for (const slice of data.slices) await place(job, slice, swap);
}

async function place(job: UnpackJob, { start, shape, run }: Slice, swap: number): Promise<void> {
  const itemsize = bytesFor(job.dtype, 1);
  const rowBytes = (shape.at(-1) ?? 1) * itemsize;
  const rows = rowBytes === 0 ? 0 : elementCount(shape.slice(0, -1));
  const bytes = await job.bytes(plainBytes(run));
  const index = shape.slice(0, -1).map(() => 0);
  for (let row = 0; row < rows; row++) {
    const to = flat([...index, 0], start, job.shape) * itemsize;
    for (let done = 0; done < rowBytes; done += PIECE_BYTES) {
      const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, rowBytes - done));
      bytes.read(row * rowBytes + done, piece);
      job.write(swapped(piece, swap), to + done);
      job.advance(piece.length);
    }
    step(index, shape);
  }
}

function swapped(piece: Buffer, swap: number): Buffer {
  if (swap === 2) return piece.swap16();
  if (swap === 4) return piece.swap32();
  return swap === 8 ? piece.swap64() : piece;
}

function flat(index: readonly number[], start: readonly number[], shape: readonly number[]): number {
  let position = 0;
  for (const [axis, length] of shape.entries()) position = position * length + (index[axis] ?? 0) + (start[axis] ?? 0);
  return position;
}

/** The next index, the last axis first. */
function step(index: number[], shape: readonly number[]): void {
  for (let axis = index.length - 1; axis >= 0; axis--) {
    const next = (index[axis] ?? 0) + 1;
    index[axis] = next === shape[axis] ? 0 : next;
    if (next !== shape[axis]) return;
  }
}
