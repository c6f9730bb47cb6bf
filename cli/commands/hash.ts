import { namedEntries } from '../../core/checkpoint/named-entries.ts';
import { bytesOfOther, storedEntry } from '../../core/checkpoint/stored-entry.ts';
import { positionals, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withCheckpoint } from '../opening.ts';
import { printable, printJSON, printLines } from '../output.ts';
import { mapEntries, withEngine } from '../reading.ts';
import { THREADS_OPTION } from '../threads.ts';
import { EXIT } from '../usage.ts';

export const hash: Command = {
  options: THREADS_OPTION,
  run: (command, { json }) => {
    const [file] = positionals(command, 'FILE');
    return withEngine({ command, startNow: true }, (engine) =>
      withCheckpoint(required(file), async (checkpoint) => {
        const entries = namedEntries(checkpoint);
        const hashes = await mapEntries(checkpoint, { title: 'Hashing', entries }, (_tensor, entry, onProgress) =>
          engine.hash(storedEntry(checkpoint, entry), { onProgress }),
        );
        const sums = entries.map(({ name }, i) => [name, hashes[i]] as const);
        for (const other of checkpoint.others ?? []) {
          const bytes = bytesOfOther(checkpoint, other);
          if (bytes) sums.push([other.name, await engine.hash(bytes)]);
        }
        if (json) printJSON(Object.fromEntries(sums));
        else printLines(sums.map(([name, sum]) => `${sum}  ${printable(name)}`));
        return EXIT.done;
      }),
    );
  },
};
