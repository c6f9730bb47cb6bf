import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { CheckpointFormatError, FileAccessError } from '../errors.ts';
import { FileSource, type StandIns } from './byte-source.ts';
import type { Checkpoint, CheckpointFormat } from './checkpoint.ts';
import { headOf } from './file-head.ts';
import { type ForeignFile, recognizeForeign, recognizeImpostor } from './foreign.ts';
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

/** A checkpoint some of whose files are written, and not yet in their places. */
export interface StagedCheckpoint {
  readonly path: string;
  readonly format: CheckpointFormat;
  readonly standIns: StandIns;
}

/** As `reopenCheckpoint` for what will lie at `path` once the stand-ins are where they belong. */
export async function openStaged(
  { path, format, standIns }: StagedCheckpoint,
  known: readonly Checkpoint[],
): Promise<Checkpoint> {
  const source = await FileSource.open(path, standIns);
  const reader = FORMATS.find((candidate) => candidate.format === format);
  return await (reader ?? (await detectFormat(source))).open(source, known);
}

/**
 * TensorFlow's own tools call a checkpoint by what the names of its files begin with. Of a folder the
 * error names what could be opened in it.
 */
async function openNamed(path: string): Promise<FileSource> {
  try {
    return await FileSource.open(path);
  } catch (error) {
    const index = await FileSource.open(`${path}.index`).catch(() => null);
    if (index) return index;
    if (!(error instanceof FileAccessError) || error.details.kind !== 'folder') throw error;
    const found = await checkpointsIn(path);
    if (found.length === 0) throw error;
    throw new FileAccessError(`${basename(path)} is a folder: open ${found.join(', ')} in it.`, error.details);
  }
}

/** How many names a message lists. */
const MAX_NAMED = 3;

/** Files of a folder that bear a checkpoint's name; an index goes before its shards. */
async function checkpointsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => formatByName(name) !== undefined).sort();
  const indices = names.filter((name) => name.endsWith('.json'));
  const listed = indices.length > 0 ? indices : names;
  const more = listed.length > MAX_NAMED ? [`or one of ${listed.length - MAX_NAMED} others`] : [];
  return [...listed.slice(0, MAX_NAMED), ...more];
}

function foreignError(name: string, { what, advice }: ForeignFile): CheckpointFormatError {
  const todo = advice ?? `This version reads ${readableFormats()}.`;
  return new CheckpointFormatError(`${name} is ${what}. ${todo}`, { file: name, offset: 0 });
}

/** @throws CheckpointFormatError naming what the file is instead. */
export async function detectFormat(source: FileSource): Promise<FormatReader> {
  const { name, size } = source;
  if (size === 0) {
    throw new CheckpointFormatError(`${name} is empty (0 bytes).`, { file: name, offset: 0 });
  }
  const head = await headOf(source);
  const impostor = recognizeImpostor(head);
  if (impostor) throw foreignError(name, impostor);
  const byContent = FORMATS.find((format) => format.recognizes(head, name));
  if (byContent) return byContent;
  const foreign = recognizeForeign(head, name);
  if (foreign) throw foreignError(name, foreign);
  const byName = formatByName(name);
  if (byName) return byName;
  throw new CheckpointFormatError(
    `${name} is of no format that Parascope knows. This version reads ${readableFormats()}.`,
    { file: name, offset: 0 },
  );
}
