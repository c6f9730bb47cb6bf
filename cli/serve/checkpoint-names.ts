import { FORMATS } from '../../core/checkpoint/formats.ts';
import { WRITERS } from '../../core/workspace/save/writers.ts';

/** Whether a reader claims files of this name; anything else can still be opened where its content is understood. */
export function isCheckpointName(name: string): boolean {
  return endingOf(name, FORMATS) !== null;
}

/** The ending of a name that a checkpoint can be written under, in lower case; null where it has none. */
export function writableEnding(name: string): string | null {
  return endingOf(name, WRITERS);
}

/** The longest ending of `name` that one of `kinds` claims. */
function endingOf(name: string, kinds: readonly { readonly extensions: readonly string[] }[]): string | null {
  const lower = name.toLowerCase();
  const claimed = kinds.flatMap(({ extensions }) => extensions).filter((extension) => lower.endsWith(extension));
  return claimed.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

const MAX_NAME_BYTES = 200;

/**
 * `name` as a file name of ours: no folders, no control characters, short enough for any file system,
 * its ending kept. Messages about the file then name it as its owner does.
 */
export function scratchName(name: string): string {
  const plain = name.replace(/[\p{C}/\\:]/gu, '_').replace(/^\.+/, '_');
  const ending = plain.slice(plain.length - (endingOf(plain, FORMATS)?.length ?? 0));
  let stem = plain.slice(0, plain.length - ending.length) || 'upload';
  while (Buffer.byteLength(stem + ending) > MAX_NAME_BYTES) stem = stem.slice(0, -1);
  return stem + ending;
}
