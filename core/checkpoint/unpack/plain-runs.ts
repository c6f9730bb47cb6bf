import { z } from 'zod';
import type { Entry } from '../checkpoint.ts';
import type { ByteRun } from './stored-bytes.ts';

/** What `stridedStorage` says of elements that lie in files as they are, in several runs. */
const inRunsSchema = z.object({
  stored: z.object({
    runs: z.array(z.object({ file: z.int(), offset: z.number(), nbytes: z.number() })),
    compression: z.literal('none'),
    start: z.literal(0),
  }),
  arrangement: z.object({ swap: z.literal(1), start: z.literal(0), strides: z.null() }),
});

/**
 * Where the elements of an entry lie as they are, in C order and little-endian, one run after the other;
 * null where they lie nowhere so (compressed, swapped, quantized, sparse).
 */
export function plainRuns(entry: Pick<Entry, 'file' | 'offset' | 'nbytes' | 'packed' | 'sparse'>): ByteRun[] | null {
  if (entry.sparse) return null;
  if (!entry.packed) return [{ file: entry.file, offset: entry.offset, nbytes: entry.nbytes }];
  if (entry.packed.decoder !== 'strided') return null;
  const { data } = inRunsSchema.safeParse(entry.packed.parameters);
  const length = data?.stored.runs.reduce((sum, { nbytes }) => sum + nbytes, 0);
  return data && length === entry.nbytes ? data.stored.runs : null;
}
