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
import { finishedSentence, finishInPlace } from './save/in-place.ts';
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
  const repairs = new Repairs();
  await repairs.ofPath(path, commits);
  const { result: files, heard } = await hearingWarnings(() => openFinished(path, repairs));
  return { files, warnings: [...repairs.warnings, ...heard] };
}

/**
 * The parts of a checkpoint are known once it is open: the in-place save of one that a kill left half written
 * is finished then, and all is opened anew. Where it cannot be opened so, its neighbours may be such parts.
 */
async function openFinished(path: string, repairs: Repairs): Promise<OpenFiles> {
  let files: OpenFiles;
  try {
    files = await openFiles(path);
  } catch (error) {
    if (await repairs.ofFiles(await neighbours(path))) return await openFiles(path);
    throw error;
  }
  if (!(await repairs.ofFiles(files.files.map((file) => file.path)))) return files;
  await files.checkpoint.close();
  return await openFiles(path);
}

async function neighbours(path: string): Promise<string[]> {
  const folder = dirname(resolve(path));
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

/** Finishes or undoes what killed saves left, and keeps account of it. */
class Repairs {
  /** Sentences for the user. */
  readonly warnings: string[] = [];

  async ofPath(path: string, commits: CommitLog): Promise<void> {
    let real: string;
    try {
      real = await realpath(path);
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      // Opening says what is wrong with the path; a checkpoint that a commit still owes its index has none yet.
      real = resolve(path);
    }
    const warning = await commits.finish(real);
    if (warning !== null) this.warnings.push(warning);
    await this.#ofFile(real);
  }

  /** Whether there was anything to do. */
  async ofFiles(paths: readonly string[]): Promise<boolean> {
    let isAnew = false;
    for (const path of paths) isAnew = (await this.#ofFile(await realpath(path).catch(() => path))) || isAnew;
    return isAnew;
  }

  async #ofFile(real: string): Promise<boolean> {
    const finished = await finishInPlace(real);
    const sentence = finishedSentence(real, finished);
    if (sentence !== null) this.warnings.push(sentence);
    return finished !== 'nothing';
  }
}

/** Removes the unfinished files of dead processes beside each file of the checkpoint. */
export async function sweepFiles({ files }: OpenFiles): Promise<void> {
  for (const { path } of files) await removeStaleTemporaries(await realpath(path));
}

export function journalFiles(files: readonly CheckpointFile[]): JournalFile[] {
  return files.map(({ path, stamp }) => ({ path, size: stamp.size, mtimeMs: stamp.mtimeMs, ino: stamp.ino }));
}
