import { discoverDevices } from '../../core/device/discover.ts';
import { positionals } from '../arguments.ts';
import type { Command } from '../command.ts';
import { formatBytes, printJSON, printLines, table } from '../output.ts';
import { EXIT } from '../usage.ts';

export const devices: Command = {
  options: {},
  run: async (command, { json }) => {
    positionals(command);
    const found = (await discoverDevices()).map((info) => ({ ...info, device: String(info.device) }));
    if (json) printJSON(found);
    else printLines(table(found.map((d) => [d.device, d.backend, d.adapter, d.driver, formatBytes(d.memory)])));
    return EXIT.done;
  },
};
