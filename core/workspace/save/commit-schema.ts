import { z } from 'zod';
import { processIdentitySchema } from '../../process-identity-schema.ts';

const stampSchema = z.object({ size: z.number(), mtimeMs: z.number(), ino: z.number() });

const renameSchema = z.object({
  temporary: z.string(),
  target: z.string(),
  /** The target before the save; null where there was none. */
  former: stampSchema.nullable(),
});

/** The record of a commit that was under way. */
export const commitSchema = z.object({
  parascopeCommit: z.literal(1),
  writer: processIdentitySchema,
  renames: z.array(renameSchema),
  removes: z.array(z.object({ path: z.string(), former: stampSchema })),
});

export type CommitRecord = z.infer<typeof commitSchema>;
export type Commit = Pick<CommitRecord, 'renames' | 'removes'>;
export type Stamp = z.infer<typeof stampSchema>;
