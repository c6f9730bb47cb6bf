import { positionals, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { printable, printJSON, printLines } from '../output.ts';
import { mapEntries, withCheckpoint, withEngine } from '../reading.ts';
import { EXIT } from '../usage.ts';

export const hash: Command = {
  options: {},
  run: (command, { json }) => {
    const [file] = positionals(command, 'FILE');
    return withCheckpoint(required(file), (checkpoint) =>
      withEngine(async (engine) => {
        const { entries } = checkpoint;
        const hashes = await mapEntries(checkpoint, { title: 'Hashing', entries }, (tensor, _entry, onProgress) =>
          engine.hash(tensor, { onProgress }),
        );
        if (json) printJSON(Object.fromEntries(entries.map((entry, i) => [entry.name, hashes[i]])));
        else printLines(entries.map((entry, i) => `${hashes[i]}  ${printable(entry.name)}`));
        return EXIT.done;
      }),
    );
  },
};
