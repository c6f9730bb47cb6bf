import { stateDirectory } from '../core/api/state-directory.ts';
import type { Checkpoint, Entry } from '../core/checkpoint/checkpoint.ts';
import { NotFoundError } from '../core/errors.ts';
import { repairAndOpen } from '../core/workspace/open-files.ts';
import { CommitLog } from '../core/workspace/save/commit-record.ts';
import { printable } from './output.ts';

/** Opens `path` for the time of `use`; a save of it that was killed is finished, or undone, before. */
export async function withCheckpoint<T>(path: string, use: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  const { files, warnings } = await repairAndOpen(path, CommitLog.under(stateDirectory()));
  const { checkpoint } = files;
  for (const warning of warnings) process.stderr.write(`parascope: ${printable(warning)}\n`);
  try {
    return await use(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

/** Throws `NotFoundError` where the checkpoint has no tensor of that name. */
export function findEntry(checkpoint: Checkpoint, name: string): Entry {
  const entry = checkpoint.find(name);
  if (!entry)
    throw new NotFoundError(`${checkpoint.path} has no tensor named '${name}'. parascope inspect lists them.`);
  return entry;
}
