import type { Checkpoint, Entry } from './checkpoint.ts';

/**
 * The entries of the file that the user named: all of them, but for a checkpoint that was opened by one of its
 * parts (`model-00002-of-00003.gguf`). What describes that file speaks of its own tensors.
 */
export function namedEntries({ part, entries }: Checkpoint): readonly Entry[] {
  return part === undefined ? entries : entries.filter(({ file }) => file === part);
}
