import { extname } from 'node:path';
import type { WritableFormat } from '../../core/checkpoint/checkpoint.ts';
import { positionals, required, value } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../usage.ts';
import { applyAndSave, report } from './edit.ts';

/** By the ending of OUT, or what `--to` says. */
const WRITABLE: ReadonlyMap<string, WritableFormat> = new Map([
  ['safetensors', 'safetensors'],
  ['params', 'mxnet'],
  ['nd', 'mxnet'],
  ['mxnet', 'mxnet'],
]);

export const convert: Command = {
  options: { to: 'string' },
  run: async (command, { json }) => {
    const [input, output] = positionals(command, 'IN', 'OUT').map(required);
    const target = required(output);
    const name = value(command, 'to') ?? extname(target).slice(1).toLowerCase();
    const format = WRITABLE.get(name);
    if (!format) {
      throw new UsageError(
        `Cannot write '${name || target}'; this version writes ${[...WRITABLE.keys()].join(', ')}. Name it by --to or by OUT's extension.`,
      );
    }
    report(await applyAndSave(required(input), [], { path: target, format }), json);
    return EXIT.done;
  },
};
