import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import { bytesFor, type DType, isDType } from '../../ndarray/dtype.ts';
import type { PackedValue } from '../../ndarray/packed-storage.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { decodeStrided } from '../unpack/strided-decoder.ts';
import { borrowedJob, type CollectedPart, collectPart } from './borrowed-job.ts';

const schema = z.object({
  dtype: z.custom<DType>((value) => typeof value === 'string' && isDType(value)),
  quantizer: z.union([
    z.object({ scheme: z.literal('per_tensor_affine'), scale: z.number(), zeroPoint: z.number() }),
    z.object({
      scheme: z.enum(['per_channel_affine', 'per_channel_affine_float_qparams']),
      axis: z.int().nonnegative(),
      scales: z.custom<PackedValue>(),
      zeroPoints: z.custom<PackedValue>(),
    }),
  ]),
});

/** The scale and zero point of each element, by the run of elements that share them. */
interface Channels {
  readonly scales: Float32Array;
  readonly zeroPoints: Float64Array;
  /** Elements between one channel and the next. */
  readonly inner: number;
}

/** float32 values of affinely quantized integers: (stored − zero point) · scale, as torch's `dequantize` rounds. */
export async function decodeAffine(job: UnpackJob): Promise<void> {
  const { data } = schema.safeParse(job.parameters);
  if (!data) throw new CheckpointFormatError('A quantized tensor is described wrongly.');
  const { dtype, quantizer } = data;
  const channels: Channels =
    quantizer.scheme === 'per_tensor_affine'
      ? { scales: Float32Array.of(quantizer.scale), zeroPoints: Float64Array.of(quantizer.zeroPoint), inner: 1 }
      : {
          scales: Float32Array.from(numbersOf(await collectPart(job, quantizer.scales))),
          zeroPoints: Float64Array.from(numbersOf(await collectPart(job, quantizer.zeroPoints))),
          inner: elementCount(job.shape.slice(quantizer.axis + 1)),
        };
  const itemsize = bytesFor(dtype, 1);
  const write = (bytes: Uint8Array, position: number): void => {
    const first = position / itemsize;
    job.write(new Uint8Array(dequantized(integersOf(dtype, bytes), first, channels).buffer), first * 4);
  };
  const advance = (nbytes: number): void => job.advance((nbytes / itemsize) * 4);
  await decodeStrided(borrowedJob(job, { dtype, nbytes: bytesFor(dtype, elementCount(job.shape)), write, advance }));
}

function dequantized(
  integers: ArrayLike<number>,
  first: number,
  { scales, zeroPoints, inner }: Channels,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(integers.length);
  const count = scales.length;
  for (let i = 0; i < integers.length; i++) {
    const channel = count === 1 ? 0 : Math.floor((first + i) / inner) % count;
    values[i] = Math.fround((integers[i] ?? 0) - (zeroPoints[channel] ?? 0)) * (scales[channel] ?? 0);
  }
  return values;
}

function integersOf(dtype: DType, bytes: Uint8Array): ArrayLike<number> {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  switch (dtype) {
    case 'qint8':
      return new Int8Array(buffer, byteOffset, length);
    case 'quint8':
      return new Uint8Array(buffer, byteOffset, length);
    case 'qint32':
      return new Int32Array(buffer, byteOffset, length / 4);
    default:
      throw new CheckpointFormatError(`A quantized tensor cannot be stored as ${dtype}.`);
  }
}

function numbersOf({ dtype, bytes }: CollectedPart): ArrayLike<number> {
  switch (dtype) {
    case 'float32':
      return new Float32Array(bytes.buffer);
    case 'float64':
      return new Float64Array(bytes.buffer);
    case 'int32':
      return new Int32Array(bytes.buffer);
    case 'int64':
      return Array.from(new BigInt64Array(bytes.buffer), Number);
    default:
      throw new CheckpointFormatError(`The scales or zero points of a quantized tensor are ${dtype}.`);
  }
}
