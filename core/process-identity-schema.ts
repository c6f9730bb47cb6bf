import { z } from 'zod';
import type { ProcessIdentity } from './process-identity.ts';

/** Of an identity that a process left in a file. */
export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  started: z.string().nullable(),
}) satisfies z.ZodType<ProcessIdentity>;
