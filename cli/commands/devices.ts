import { cpus, totalmem } from 'node:os';
import { version_core } from '@tensorflow/tfjs';
import { positionals } from '../arguments.ts';
import type { Command } from '../command.ts';
import { formatBytes, printJSON, printLines, table } from '../output.ts';
import { EXIT } from '../usage.ts';

export const devices: Command = {
  options: {},
  run: async (command, { json }) => {
    positionals(command);
    const found = [
      {
        device: 'cpu(0)',
        backend: 'cpu',
        adapter: cpus()[0]?.model.trim() ?? 'unknown',
        driver: `TensorFlow.js ${version_core}`,
        memory: totalmem(),
      },
    ];
    if (json) printJSON(found);
    else printLines(table(found.map((d) => [d.device, d.backend, d.adapter, d.driver, formatBytes(d.memory)])));
    return EXIT.done;
  },
};
