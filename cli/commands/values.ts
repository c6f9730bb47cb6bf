import { lazyEntry } from '../../core/checkpoint/lazy-entry.ts';
import { parseSlice } from '../../core/ndarray/slice.ts';
import { positionals, required } from '../arguments.ts';
import { nestedValues } from '../cell-values.ts';
import type { Command } from '../command.ts';
import { findEntry, withCheckpoint } from '../opening.ts';
import { printJSON, printLines, toJSON } from '../output.ts';
import { withEngine } from '../reading.ts';
import { EXIT } from '../usage.ts';

export const values: Command = {
  options: {},
  run: (command, { json }) => {
    const [file, name, slice] = positionals(command, 'FILE', 'NAME', '[SLICE]');
    return withEngine({ command }, (engine) =>
      withCheckpoint(required(file), async (checkpoint) => {
        const entry = findEntry(checkpoint, required(name));
        const { ranges, shape } = parseSlice(slice ?? '', entry.shape);
        const block = await engine.cells(lazyEntry(checkpoint, entry), ranges);
        const nested = nestedValues(block, shape);
        if (json) printJSON({ name: entry.name, dtype: entry.dtype, shape, values: nested });
        else printLines([toJSON(nested)]);
        return EXIT.done;
      }),
    );
  },
};
