import { z } from 'zod';
import { processIdentitySchema } from '../../process-identity-schema.ts';

/** The first line of a record of a save in place; the old bytes of all ranges follow it, then the new ones. */
export const headerSchema = z.object({
  parascopeUndo: z.literal(1),
  writer: processIdentitySchema,
  /** The file before the save. */
  stamp: z.object({ size: z.number(), mtimeMs: z.number(), ino: z.number() }),
  ranges: z.array(z.object({ offset: z.int().nonnegative(), nbytes: z.int().nonnegative() })),
  /** Of the old bytes. */
  sha256: z.string(),
  /** Records of the first version could only be undone. */
  redo: z.object({ sha256: z.string(), mtimeMs: z.number() }).optional(),
});

export type RecordHeader = z.infer<typeof headerSchema>;
