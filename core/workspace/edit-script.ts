import { z } from 'zod';
import { editRequestSchema } from './edits.ts';

/** A script of another version is refused. */
export const SCRIPT_VERSION = 1;

export const scriptSchema = z.strictObject({
  /** The version of the schema. */
  parascopeEdits: z.literal(SCRIPT_VERSION),
  edits: z.array(editRequestSchema),
});

/** The edits of a document, apart from it: what History exports and `parascope edit --script` takes. */
export type EditScript = z.infer<typeof scriptSchema>;
