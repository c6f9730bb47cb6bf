import { z } from 'zod';
import { CheckpointFormatError, OutOfMemoryError } from '../../errors.ts';
import { bytesFor, type DType, isDType } from '../../ndarray/dtype.ts';
import type { PackedStorage, PackedValue } from '../../ndarray/packed-storage.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { decodeStrided } from '../unpack/strided-decoder.ts';

/** A job that does otherwise in some respect, and all else as the job that it was made from. */
export function borrowedJob(job: UnpackJob, changes: Partial<UnpackJob>): UnpackJob {
  return {
    parameters: job.parameters,
    dtype: job.dtype,
    shape: job.shape,
    nbytes: job.nbytes,
    file: (index) => job.file(index),
    bytes: (stored) => job.bytes(stored),
    pieces: (stored) => job.pieces(stored),
    write: (bytes, position) => job.write(bytes, position),
    advance: (nbytes) => job.advance(nbytes),
    ...changes,
  };
}

/** Indices, scales and stored values that a decoder holds in memory at once. */
const MAX_PART = 1024 * 1024 * 1024;

const partSchema = z.object({
  dtype: z.custom<DType>((value) => typeof value === 'string' && isDType(value)),
  shape: z.array(z.int().nonnegative()),
  stored: z.record(z.string(), z.unknown()),
  arrangement: z.record(z.string(), z.unknown()),
});

/** A part of a tensor, in C order and little-endian. */
export interface CollectedPart {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/** All of a part that `viewPart` described. @throws OutOfMemoryError where it is larger than memory should be. */
export async function collectPart(job: UnpackJob, value: PackedValue | undefined): Promise<CollectedPart> {
  const { data } = partSchema.safeParse(value);
  if (!data) throw new CheckpointFormatError('A part of a packed tensor is described wrongly.');
  const { dtype, shape } = data;
  const nbytes = bytesFor(dtype, elementCount(shape));
  if (nbytes > MAX_PART) {
    throw new OutOfMemoryError(
      `A part of this tensor has ${nbytes} bytes; at most ${MAX_PART} are held in memory to unpack it.`,
    );
  }
  const bytes = new Uint8Array(nbytes);
  const parameters = { stored: data.stored, arrangement: data.arrangement } as PackedStorage['parameters'];
  const write = (piece: Uint8Array, position: number): void => bytes.set(piece, position);
  await decodeStrided(borrowedJob(job, { parameters, dtype, shape, nbytes, write, advance: () => job.advance(0) }));
  return { dtype, shape, bytes };
}
