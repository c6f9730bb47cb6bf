import type { Checkpoint, Entry } from '../core/checkpoint/checkpoint.ts';
import { lazyEntry } from '../core/checkpoint/lazy-entry.ts';
import { scratchUnpacker } from '../core/checkpoint/unpack/scratch-unpacker.ts';
import type { LazyTensor } from '../core/ndarray/lazy-tensor.ts';
import type { TensorEngine } from '../core/stats/engine.ts';
import type { StatisticsMemory } from '../core/stats/memory.ts';
import { createTensorEngine } from '../core/stats/pool.ts';
import { flag, type OptionTypes, type ParsedCommand } from './arguments.ts';
import { ProgressLine } from './progress.ts';
import { threadsOf } from './threads.ts';

/** Of commands that know what earlier runs found, unless they are told to compute everything anew. */
export const MEMORY_OPTION: OptionTypes = { 'no-cache': 'flag' };

export function remembers(command: ParsedCommand): boolean {
  return !flag(command, 'no-cache');
}

export interface EngineSettings {
  readonly command: ParsedCommand;
  /** What earlier runs found, for commands that may know it. */
  readonly memory?: StatisticsMemory | null;
  /** Of commands that compute with all threads whatever they find: these start while the files are opened. */
  readonly startNow?: boolean;
}

/** An engine for the time of `use`. */
export async function withEngine<T>(
  { command, memory = null, startNow = false }: EngineSettings,
  use: (engine: TensorEngine) => Promise<T>,
): Promise<T> {
  const engine = createTensorEngine({ unpacker: scratchUnpacker(), memory, startNow, ...threadsOf(command) });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
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
