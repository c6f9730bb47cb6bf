import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { stampOf } from '../checkpoint/byte-source.ts';
import type { Checkpoint, CheckpointFile } from '../checkpoint/checkpoint.ts';
import { reopenCheckpoint } from '../checkpoint/open.ts';
import { ShardedTorchCheckpoint } from '../checkpoint/pytorch/torch-checkpoint.ts';
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
  if (checkpoint instanceof ShardedCheckpoint || checkpoint instanceof ShardedTorchCheckpoint) {
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
  const { result: files, heard } = await hearingWarnings(() => openRolledBack(path));
  return { files, warnings: [...warnings, ...heard] };
}

/**
 * The parts of a checkpoint are known once it is open: one that a killed in-place save left half written is
 * put back then, and all is opened anew. Where it cannot be opened so, its neighbours may be such parts.
 */
async function openRolledBack(path: string): Promise<OpenFiles> {
  let files: OpenFiles;
  try {
    files = await openFiles(path);
  } catch (error) {
    if (await rollBackAll(await neighbours(path))) return await openFiles(path);
    throw error;
  }
  if (!(await rollBackAll(files.files.map((file) => file.path)))) return files;
  await files.checkpoint.close();
  return await openFiles(path);
}

async function rollBackAll(paths: readonly string[]): Promise<boolean> {
  let isAnew = false;
  for (const path of paths) {
    const real = await realpath(path).catch(() => path);
    isAnew = (await rollBackInPlace(real)) || isAnew;
  }
  return isAnew;
}

async function neighbours(path: string): Promise<string[]> {
  const folder = dirname(resolve(path));
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
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
