import { stateDirectory } from '../core/api/state-directory.ts';
import type { Checkpoint, Entry } from '../core/checkpoint/checkpoint.ts';
import { lazyEntry } from '../core/checkpoint/lazy-entry.ts';
import { scratchUnpacker } from '../core/checkpoint/unpack/scratch-unpacker.ts';
import { NotFoundError } from '../core/errors.ts';
import type { LazyTensor } from '../core/ndarray/lazy-tensor.ts';
import type { TensorEngine } from '../core/stats/engine.ts';
import { createTensorEngine } from '../core/stats/pool.ts';
import { repairAndOpen } from '../core/workspace/open-files.ts';
import { CommitLog } from '../core/workspace/save/commit-record.ts';
import { Scanner } from '../core/workspace/scan/scanner.ts';
import { statisticsArchiveIn } from '../core/workspace/scan/statistics-archive.ts';
import { statisticsCacheIn } from '../core/workspace/scan/statistics-cache.ts';
import { flag, type ParsedCommand } from './arguments.ts';
import { printable } from './output.ts';
import { ProgressLine } from './progress.ts';

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

/** An engine for the time of `use`; with the command line of one that may, it knows what earlier runs found. */
export async function withEngine<T>(use: (engine: TensorEngine) => Promise<T>, command?: ParsedCommand): Promise<T> {
  const memory = command && remembers(command) ? statisticsArchiveIn(stateDirectory()) : null;
  const engine = createTensorEngine({ unpacker: scratchUnpacker(), memory });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

/** Unless it is told to compute everything anew. */
function remembers(command: ParsedCommand): boolean {
  return !flag(command, 'no-cache');
}

/** Statistics of many tensors, with what earlier runs found unless the command says `--no-cache`. */
export async function withScanner<T>(command: ParsedCommand, use: (scanner: Scanner) => Promise<T>): Promise<T> {
  const cache = remembers(command) ? statisticsCacheIn(stateDirectory()) : null;
  return await withEngine((engine) => use(new Scanner(engine, cache)));
}

/** Throws `NotFoundError` where the checkpoint has no tensor of that name. */
export function findEntry(checkpoint: Checkpoint, name: string): Entry {
  const entry = checkpoint.find(name);
  if (!entry)
    throw new NotFoundError(`${checkpoint.path} has no tensor named '${name}'. parascope inspect lists them.`);
  return entry;
}

/** Enough in flight to keep every worker busy while the previous result travels back. */
const IN_FLIGHT = 8;

/**
 * Runs `work` over the tensors of a checkpoint, some at a time, and returns the results in the order
 * of `entries`; draws one progress line over the stored bytes of all of them.
 */
export async function mapEntries<T>(
  checkpoint: Checkpoint,
  { title, entries }: { readonly title: string; readonly entries: readonly Entry[] },
  work: (tensor: LazyTensor, entry: Entry, onProgress: (done: number) => void) => Promise<T>,
): Promise<T[]> {
  const total = entries.reduce((sum, entry) => sum + entry.nbytes, 0);
  const progress = new ProgressLine(title, total);
  const results = new Array<T>(entries.length);
  let next = 0;
  let done = 0;
  const runner = async (): Promise<void> => {
    for (let i = next++; i < entries.length; i = next++) {
      const entry = entries[i];
      if (!entry) return;
      let reported = 0;
      const report = (bytes: number): void => {
        done += bytes - reported;
        reported = bytes;
        progress.update(done);
      };
      results[i] = await work(lazyEntry(checkpoint, entry), entry, report);
      report(entry.nbytes);
    }
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, runner));
  } finally {
    progress.end();
  }
  return results;
}
