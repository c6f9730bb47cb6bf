import { z } from 'zod';
import { editSchema } from '../edits.ts';

/** 1 knew no edits that make values of others, 2 no batches and no ties. A journal of a later version is not understood and set aside. */
const VERSION = 3;
const OPENED = [1, 2, VERSION] as const;

const fileSchema = z.object({
  path: z.string().min(1),
  size: z.number().nonnegative(),
  mtimeMs: z.number(),
  ino: z.number(),
});

/** First line: which files, in which state, the edits belong to. */
export const headerSchema = z.object({
  journal: z.literal(OPENED),
  path: z.string().min(1),
  files: z.array(fileSchema).min(1),
  createdAt: z.iso.datetime(),
});

/**
 * Every further line. `saving` comes just before a save replaces the files: where they turn out to be
 * in the state it names, the save went through and what precedes is no longer unsaved.
 */
export const recordSchema = z.union([
  z.strictObject({ edit: editSchema }),
  z.strictObject({ undo: z.literal(true) }),
  z.strictObject({ redo: z.literal(true) }),
  z.strictObject({ saving: z.array(fileSchema).min(1) }),
]);

export type JournalFile = z.infer<typeof fileSchema>;
export type JournalHeader = z.infer<typeof headerSchema>;
export type JournalRecord = z.infer<typeof recordSchema>;

export function makeHeader(path: string, files: readonly JournalFile[]): JournalHeader {
  return { journal: VERSION, path, files: [...files], createdAt: new Date().toISOString() };
}

/** Setting a modification time back goes through a double in seconds and may lose this much. */
const MTIME_TOLERANCE_MS = 0.01;

/** Whether both lists are of the same files in the same state; paths may differ by links. */
export function sameFiles(a: readonly JournalFile[], b: readonly JournalFile[]): boolean {
  return (
    a.length === b.length &&
    a.every((file, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        file.size === other.size &&
        file.ino === other.ino &&
        Math.abs(file.mtimeMs - other.mtimeMs) <= MTIME_TOLERANCE_MS
      );
    })
  );
}
