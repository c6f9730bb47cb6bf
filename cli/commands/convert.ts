import { extname } from 'node:path';
import { positionals, required, value } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../usage.ts';
import { applyAndSave, report } from './edit.ts';

const WRITABLE = ['safetensors'] as const;

export const convert: Command = {
  options: { to: 'string' },
  run: async (command, { json }) => {
    const [input, output] = positionals(command, 'IN', 'OUT').map(required);
    const target = required(output);
    const format = value(command, 'to') ?? extname(target).slice(1);
    if (!(WRITABLE as readonly string[]).includes(format)) {
      throw new UsageError(
        `Cannot write '${format || target}'; this version writes ${WRITABLE.join(', ')}. Name it by --to or by OUT's extension.`,
      );
    }
    report(await applyAndSave(required(input), [], target), json);
    return EXIT.done;
  },
};
