import { WRITERS } from '../../core/workspace/save/writers.ts';
import { formatOfEnding, formatOfName } from '../../core/workspace/writable-format.ts';
import { flag, positionals, required, value } from '../arguments.ts';
import type { Command } from '../command.ts';
import { THREADS_OPTION, threadsOf } from '../threads.ts';
import { EXIT, UsageError } from '../usage.ts';
import { applyAndPlan, applyAndSave, report, reportPlan } from './edit.ts';

export const convert: Command = {
  options: { to: 'string', 'dry-run': 'flag', ...THREADS_OPTION },
  run: async (command, { json }) => {
    const [input, named] = positionals(command, 'IN', 'OUT').map(required);
    const target = required(named);
    const name = value(command, 'to');
    const format = name === undefined ? formatOfEnding(target) : formatOfName(name);
    if (!format) {
      throw new UsageError(
        `Cannot write '${name ?? target}'; this version writes ${WRITERS.map((writer) => writer.format).join(', ')}. Name it by --to or by OUT's extension.`,
      );
    }
    const revision = { input: required(input), edits: [], output: { path: target, format }, ...threadsOf(command) };
    if (flag(command, 'dry-run')) reportPlan(await applyAndPlan(revision), json);
    else report(await applyAndSave(revision), json);
    return EXIT.done;
  },
};
