import { WRITERS } from '../../core/workspace/save/writers.ts';
import { formatOfEnding, formatOfName } from '../../core/workspace/writable-format.ts';
import { positionals, required, value } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../usage.ts';
import { applyAndSave, report } from './edit.ts';

export const convert: Command = {
  options: { to: 'string' },
  run: async (command, { json }) => {
    const [input, output] = positionals(command, 'IN', 'OUT').map(required);
    const target = required(output);
    const name = value(command, 'to');
    const format = name === undefined ? formatOfEnding(target) : formatOfName(name);
    if (!format) {
      throw new UsageError(
        `Cannot write '${name ?? target}'; this version writes ${WRITERS.map((writer) => writer.format).join(', ')}. Name it by --to or by OUT's extension.`,
      );
    }
    report(await applyAndSave(required(input), [], { path: target, format }), json);
    return EXIT.done;
  },
};
