import { CheckpointFormatError } from '../errors.ts';
import { FileSource } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { headOf } from './file-head.ts';
import { recognizeForeign } from './foreign.ts';
import type { FormatReader } from './format.ts';
import { FORMATS, formatByName, readableFormats } from './formats.ts';

/**
 * Opens a checkpoint of any format that this version reads: the content decides which, the name only
 * where the content does not. Reads the structure, nothing of the values.
 *
 * @throws FileAccessError where there is no readable file.
 * @throws CheckpointFormatError where it is of no readable format (saying what it is) or breaks its
 *   format's rules (`details.offset` says where).
 * @throws UnsafeCheckpointError where a shard lies outside the folder of its index.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  return await reopenCheckpoint(path, []);
}

/**
 * As `openCheckpoint` for a file that descends from one of `known`: it is read anew, but a header whose
 * text is theirs is not parsed again. Of 200,000 tensors that takes half a second.
 */
export async function reopenCheckpoint(path: string, known: readonly Checkpoint[]): Promise<Checkpoint> {
  const source = await openNamed(path);
  const reader = await detectFormat(source);
  return await reader.open(source, known);
}

/** TensorFlow's own tools call a checkpoint by what the names of its files begin with. */
async function openNamed(path: string): Promise<FileSource> {
  try {
    return await FileSource.open(path);
  } catch (error) {
    const index = await FileSource.open(`${path}.index`).catch(() => null);
    if (index) return index;
    throw error;
  }
}

/** @throws CheckpointFormatError naming what the file is instead. */
export async function detectFormat(source: FileSource): Promise<FormatReader> {
  const { name, size } = source;
  if (size === 0) {
    throw new CheckpointFormatError(`${name} is empty (0 bytes).`, { file: name, offset: 0 });
  }
  const head = await headOf(source);
  const byContent = FORMATS.find((format) => format.recognizes(head, name));
  if (byContent) return byContent;
  const foreign = recognizeForeign(head, name);
  if (foreign) {
    const advice = foreign.advice ?? `This version reads ${readableFormats()}.`;
    throw new CheckpointFormatError(`${name} is ${foreign.what}. ${advice}`, { file: name, offset: 0 });
  }
  const byName = formatByName(name);
  if (byName) return byName;
  throw new CheckpointFormatError(
    `${name} is of no format that Parascope knows. This version reads ${readableFormats()}.`,
    { file: name, offset: 0 },
  );
}
