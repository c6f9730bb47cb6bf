import { basename } from 'node:path';
import { stampOf } from '../../checkpoint/byte-source.ts';
import type { Checkpoint, CheckpointFile, WritableFormat } from '../../checkpoint/checkpoint.ts';
import { openStaged } from '../../checkpoint/open.ts';
import { FileAccessError, ParascopeError, SaveFailedError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import type { SaveResult } from '../summary.ts';
import { type CommitLog, UnfinishedCommitError } from './commit-record.ts';
import { saveError } from './failure.ts';
import type { Output, OutputPlan } from './format-writer.ts';
import { preparedContent, ScratchFiles } from './prepared.ts';
import type { Replacement } from './replacement.ts';
import { removeStaleTemporaries } from './temporaries.ts';
import { type SaveWork, workOf, writeFile } from './write-file.ts';

export interface SaveExecution {
  readonly plan: OutputPlan;
  /** The checkpoint's real path: what a commit of several files is recorded under. */
  readonly path: string;
  readonly commits: CommitLog;
  /** What the written files descend from. */
  readonly former: Checkpoint;
  /** Last check before anything is replaced, with the states that the written files will have; may throw. */
  readonly beforeReplacing: (written: readonly CheckpointFile[]) => Promise<void>;
}

export interface Executed {
  readonly result: SaveResult;
  /** What was checked before it was put in place, for `reopenCheckpoint`. */
  readonly checkpoints: readonly Checkpoint[];
}

/** Bytes of progress that `execute` will report. */
export function planWork({ outputs }: OutputPlan): number {
  return outputs.reduce((sum, { content }) => sum + workOf(content), 0);
}

/** Writes all files beside their targets, checks them, and replaces the targets as one step. */
export async function execute(
  { plan, path, commits, former, beforeReplacing }: SaveExecution,
  work: SaveWork,
): Promise<Executed> {
  const replacements: Replacement[] = [];
  const scratch = new ScratchFiles();
  let bytesWritten = 0;
  try {
    for (const output of plan.outputs) {
      await removeStaleTemporaries(output.target);
      const content = await preparedContent(output, work, scratch);
      const written = await writeFile(output.target, content, work);
      replacements.push(written.replacement);
      bytesWritten += written.bytesWritten;
    }
    const written: CheckpointFile[] = [];
    for (const replacement of replacements) {
      written.push({ path: replacement.target, stamp: await finished(replacement) });
    }
    const checked = await verify(replacements, { plan, path, former });
    work.signal.throwIfAborted();
    await beforeReplacing(written);
    await replaceAll(replacements, { plan, path, commits });
    const files = plan.outputs.map(({ target }) => basename(target));
    return { result: { plan: kindOf(plan), bytesWritten, files }, checkpoints: [checked] };
  } catch (error) {
    if (error instanceof UnfinishedCommitError) throw error;
    for (const replacement of replacements) await replacement.discard();
    throw saveError(path, error);
  } finally {
    await scratch.remove();
  }
}

function kindOf({ outputs }: OutputPlan): SaveResult['plan'] {
  const files = outputs.filter(({ kind }) => kind !== 'part');
  return files.every(({ content }) => content.base !== null) ? 'patch' : 'rewrite';
}

async function finished(replacement: Replacement): Promise<FileStamp> {
  try {
    return await replacement.finish();
  } catch (error) {
    throw saveError(replacement.target, error);
  }
}

/** What is about to take a good checkpoint's place must itself be good, all of its files together. */
async function verify(
  replacements: readonly Replacement[],
  { plan, path: own, former }: Pick<SaveExecution, 'plan' | 'path' | 'former'>,
): Promise<Checkpoint> {
  const standIns = new Map<string, string | null>(replacements.map(({ target, temporary }) => [target, temporary]));
  for (const { path } of plan.removes) standIns.set(path, null);
  const only = loneCheckpoint(plan);
  // Links beside the named path may lead to the other files, where there are none beside its real path.
  const { path, format } = !only || only.target === own ? former : { path: only.target, format: only.kind };
  try {
    const checkpoint = await openStaged({ path, format, standIns }, [former]);
    await checkpoint.close();
    return checkpoint;
  } catch (error) {
    if (!(error instanceof ParascopeError)) throw error;
    throw new SaveFailedError(
      `Saving ${basename(path)} was stopped: what was written does not pass the checks of its format (${error.message}). The file is as it was.`,
    );
  }
}

/** The only file that is written, where it is a checkpoint by itself: a part is checked with the others. */
function loneCheckpoint({ outputs, removes }: OutputPlan): (Output & { readonly kind: WritableFormat }) | null {
  const [only] = outputs;
  if (!only || outputs.length + removes.length > 1 || only.kind === 'part') return null;
  return { ...only, kind: only.kind };
}

async function replaceAll(
  replacements: readonly Replacement[],
  { plan, path, commits }: Pick<SaveExecution, 'plan' | 'path' | 'commits'>,
): Promise<void> {
  const [only] = replacements;
  if (only && replacements.length === 1 && plan.removes.length === 0) {
    await only.rename();
    return;
  }
  const renames = [];
  for (const { temporary, target } of replacements) {
    renames.push({ temporary, target, former: await stampIfThere(target) });
  }
  const removes = plan.removes.map((file) => ({ path: file.path, former: file.stamp }));
  await commits.carryOut(path, { renames, removes });
}

async function stampIfThere(path: string): Promise<FileStamp | null> {
  try {
    return await stampOf(path);
  } catch (error) {
    if (error instanceof FileAccessError) return null;
    throw error;
  }
}
