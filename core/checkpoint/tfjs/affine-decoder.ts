import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import { widenFloats } from '../../ndarray/codec/float-codec.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { storedOf } from '../unpack/parameters.ts';

const quantizationSchema = z.object({
  dtype: z.enum(['uint8', 'uint16', 'float16']),
  scale: z.number(),
  min: z.number(),
});

/** Elements that are widened at once. */
const BLOCK = 1024 * 1024;

/**
 * Widens quantized weights as the converter that wrote them does (tensorflowjs, quantization.py,
 * `dequantize_weights`): `q * scale + min`, each step in float32; rounded to the nearest for int32.
 */
export async function decodeAffine(job: UnpackJob): Promise<void> {
  const stored = storedOf(job.parameters.stored);
  const { dtype, scale, min } = quantizationOf(job);
  const width = dtype === 'uint8' ? 1 : 2;
  const bytes = await job.bytes(stored);
  const count = Math.floor(stored.nbytes / width);
  const raw = new Uint8Array(Math.min(BLOCK, count) * width);
  const codes = dtype === 'uint8' ? raw : new Uint16Array(raw.buffer);
  const wide = new Float32Array(codes.length);
  for (let first = 0; first < count; first += BLOCK) {
    const length = Math.min(BLOCK, count - first);
    bytes.read(first * width, raw.subarray(0, length * width));
    if (dtype === 'float16') widenFloats('float16', codes, new Uint32Array(wide.buffer));
    else map(codes, wide, { scale: Math.fround(scale), min: Math.fround(min) });
    const values = wide.subarray(0, length);
    const target = job.dtype === 'int32' ? Int32Array.from(values, Math.round) : values;
    job.write(new Uint8Array(target.buffer, 0, length * 4), first * 4);
    job.advance(length * 4);
  }
}

function quantizationOf({ parameters }: UnpackJob): z.infer<typeof quantizationSchema> {
  const { data, error } = quantizationSchema.safeParse(parameters);
  if (data) return data;
  throw new CheckpointFormatError(`A quantized tensor is described wrongly: ${error.message}`);
}

function map(
  codes: Uint8Array | Uint16Array,
  wide: Float32Array,
  { scale, min }: { scale: number; min: number },
): void {
  for (let i = 0; i < wide.length; i++) wide[i] = Math.fround((codes[i] ?? 0) * scale) + min;
}
