import { stateDirectory } from '../../core/api/state-directory.ts';
import { namedEntries } from '../../core/checkpoint/named-entries.ts';
import type { StatisticsMemory } from '../../core/stats/memory.ts';
import { type ParsedCommand, positionals, required, values } from '../arguments.ts';
import type { Command } from '../command.ts';
import { findEntry, withCheckpoint } from '../opening.ts';
import { printJSON, printLines } from '../output.ts';
import { mapEntries, remembers, withEngine } from '../reading.ts';
import { STATS_OPTIONS, statsWishes } from '../stats-options.ts';
import { statsText } from '../stats-text.ts';
import { reportOn } from '../tensor-report.ts';
import { EXIT } from '../usage.ts';

export const stats: Command = {
  options: STATS_OPTIONS,
  run: async (command, { json }) => {
    const [file] = positionals(command, 'FILE');
    const wishes = statsWishes(command);
    const names = values(command, 'tensor');
    const memory = await memoryOf(command);
    return await withEngine({ command, memory, startNow: memory === null }, (engine) =>
      withCheckpoint(required(file), async (checkpoint) => {
        const entries = names.length > 0 ? names.map((name) => findEntry(checkpoint, name)) : namedEntries(checkpoint);
        const named = await mapEntries(
          checkpoint,
          { title: 'Scanning', entries },
          async (tensor, entry, onProgress) =>
            [entry.name, await reportOn({ engine, tensor, wishes }, onProgress)] as const,
        );
        if (json) printJSON(Object.fromEntries(named));
        else printLines(statsText(named, wishes));
        return EXIT.done;
      }),
    );
  },
};

async function memoryOf(command: ParsedCommand): Promise<StatisticsMemory | null> {
  if (!remembers(command)) return null;
  const { statisticsArchiveIn } = await import('../../core/workspace/scan/statistics-archive.ts');
  return statisticsArchiveIn(stateDirectory());
}
