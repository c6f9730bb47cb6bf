/** What a reader claims by its name; anything else can still be opened where its content is understood. */
const CHECKPOINT = /\.(?:safetensors(?:\.index\.json)?|params|nd)$/i;

const WRITABLE = /\.(?:safetensors|params|nd)$/i;

export function isCheckpointName(name: string): boolean {
  return CHECKPOINT.test(name);
}

/** The ending of a name that a checkpoint can be written under, in lower case; null where it has none. */
export function writableEnding(name: string): string | null {
  return WRITABLE.exec(name)?.[0].toLowerCase() ?? null;
}

const MAX_NAME_BYTES = 200;

/**
 * `name` as a file name of ours: no folders, no control characters, short enough for any file system,
 * its ending kept. Messages about the file then name it as its owner does.
 */
export function scratchName(name: string): string {
  const plain = name.replace(/[\p{C}/\\:]/gu, '_').replace(/^\.+/, '_');
  const ending = CHECKPOINT.exec(plain)?.[0] ?? '';
  let stem = plain.slice(0, plain.length - ending.length) || 'upload';
  while (Buffer.byteLength(stem + ending) > MAX_NAME_BYTES) stem = stem.slice(0, -1);
  return stem + ending;
}
