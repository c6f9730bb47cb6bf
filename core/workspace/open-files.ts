import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stampOf } from '../checkpoint/byte-source.ts';
import type { Checkpoint, CheckpointFile } from '../checkpoint/checkpoint.ts';
import { reopenCheckpoint } from '../checkpoint/open.ts';
import { ShardedCheckpoint } from '../checkpoint/safetensors/sharded.ts';
import { errnoOf } from './errno.ts';
import { hearingWarnings } from './heard-warnings.ts';
import type { JournalFile } from './journal/format.ts';
import type { CommitLog } from './save/commit-record.ts';
import { rollBackInPlace } from './save/in-place.ts';
import { removeStaleTemporaries } from './save/temporaries.ts';

/** A checkpoint with all files that it consists of. */
export interface OpenFiles {
  readonly checkpoint: Checkpoint;
  /** The files that hold tensors, then the one that was named where it holds none: an index, a description of a model. */
  readonly files: readonly CheckpointFile[];
  /** What journals and commit records go by: links lead to one and the same file. */
  readonly realPath: string;
}

/** Opens what lies at `path`, as `reopenCheckpoint` does and with its errors. */
export async function openFiles(path: string, known: readonly Checkpoint[] = []): Promise<OpenFiles> {
  const checkpoint = await reopenCheckpoint(path, known);
  const files = [...checkpoint.files];
  if (checkpoint instanceof ShardedCheckpoint) {
    const { path: index, stamp } = checkpoint.indexSource;
    files.push({ path: index, stamp });
  } else if (!files.some((file) => file.path === checkpoint.path)) {
    files.push({ path: checkpoint.path, stamp: await stampOf(checkpoint.path) });
  }
  return { checkpoint, files, realPath: await realpath(checkpoint.path) };
}

/** As `openFiles`, after finishing or undoing what killed saves left; with sentences for the user. */
export async function repairAndOpen(
  path: string,
  commits: CommitLog,
): Promise<{ readonly files: OpenFiles; readonly warnings: readonly string[] }> {
  const warnings = await repairFiles(path, commits);
  const { result: files, heard } = await hearingWarnings(() => openFiles(path));
  return { files, warnings: [...warnings, ...heard] };
}

async function repairFiles(path: string, commits: CommitLog): Promise<string[]> {
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    // Opening says what is wrong with the path; a checkpoint that a commit still owes its index has none yet.
    real = resolve(path);
  }
  const warning = await commits.finish(real);
  await rollBackInPlace(real);
  return warning === null ? [] : [warning];
}

/** Removes the unfinished files of dead processes beside each file of the checkpoint. */
export async function sweepFiles({ files }: OpenFiles): Promise<void> {
  for (const { path } of files) await removeStaleTemporaries(await realpath(path));
}

export function journalFiles(files: readonly CheckpointFile[]): JournalFile[] {
  return files.map(({ path, stamp }) => ({ path, size: stamp.size, mtimeMs: stamp.mtimeMs, ino: stamp.ino }));
}
