import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import type { PackedValue } from '../../ndarray/packed-storage.ts';
import type { Arrangement, StoredBytes } from './stored-bytes.ts';

const size = z.int().nonnegative();

const storedSchema = z.object({
  runs: z.array(z.object({ file: size, offset: size, nbytes: size })),
  compression: z.enum(['none', 'deflate', 'zlib', 'gzip']),
  length: size,
  crc32: size.nullable(),
  start: size,
  nbytes: size,
});

const arrangementSchema = z.object({
  itemsize: z.int().positive(),
  swap: z.int().positive(),
  start: size,
  strides: z.array(z.int()).nullable(),
});

/** @throws CheckpointFormatError where a reader left something else. */
export function storedOf(value: PackedValue | undefined): StoredBytes {
  return parsed(storedSchema, value);
}

export function storedList(value: PackedValue | undefined): readonly StoredBytes[] {
  return parsed(z.array(storedSchema), value);
}

export function arrangementOf(value: PackedValue | undefined): Arrangement {
  return parsed(arrangementSchema, value);
}

function parsed<T>(schema: z.ZodType<T>, value: PackedValue | undefined): T {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  throw new CheckpointFormatError(`A packed tensor is described wrongly: ${error?.message ?? 'nothing is there'}`);
}
