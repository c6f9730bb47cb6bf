import { namedEntries } from '../../core/checkpoint/named-entries.ts';
import type { TensorStats } from '../../core/stats/engine.ts';
import { integer, positionals, required, value, values } from '../arguments.ts';
import type { Command } from '../command.ts';
import { formatCount, formatNumber, printable, printJSON, printLines, table } from '../output.ts';
import { findEntry, mapEntries, withCheckpoint, withEngine } from '../reading.ts';
import { EXIT } from '../usage.ts';

const DEFAULT_BINS = '64';

export const stats: Command = {
  options: { tensor: 'string', bins: 'string' },
  run: (command, { json }) => {
    const [file] = positionals(command, 'FILE');
    const bins = integer(value(command, 'bins') ?? DEFAULT_BINS, 'bins', [1, 1024]);
    const names = values(command, 'tensor');
    return withCheckpoint(required(file), (checkpoint) =>
      withEngine(async (engine) => {
        const entries = names.length > 0 ? names.map((name) => findEntry(checkpoint, name)) : namedEntries(checkpoint);
        const results = await mapEntries(checkpoint, { title: 'Scanning', entries }, (tensor, _entry, onProgress) =>
          engine.stats(tensor, { bins, onProgress }),
        );
        const named = entries.map((entry, i) => [entry.name, results[i]] as const);
        if (json) printJSON(Object.fromEntries(named));
        else printLines(tabulate(named));
        return EXIT.done;
      }),
    );
  },
};

const NUMBERS = ['min', 'max', 'mean', 'std', 'l1', 'l2'] as const;
const COUNTS = ['zeros', 'negatives', 'nans', 'infs', 'distinct'] as const;
const HEADINGS = ['name', 'count', ...NUMBERS, 'median', ...COUNTS];

function tabulate(named: readonly (readonly [name: string, stats: TensorStats | undefined])[]): string[] {
  const rows = named.map(([name, result]) => {
    if (!result) return [printable(name)];
    const median = result.quantiles?.find(({ q }) => q === 0.5)?.value ?? null;
    return [
      printable(name),
      formatCount(result.count),
      ...NUMBERS.map((key) => formatNumber(result[key])),
      formatNumber(median),
      ...COUNTS.map((key) => {
        const count = result[key];
        return count === null ? '-' : formatCount(count);
      }),
    ];
  });
  const numeric = HEADINGS.map((_, column) => column).slice(1);
  return table([HEADINGS, ...rows], numeric);
}
