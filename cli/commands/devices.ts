import { DeviceRuntime } from '../../core/device/runtime.ts';
import { positionals } from '../arguments.ts';
import type { Command } from '../command.ts';
import { LOGICAL_GPUS_OPTION, logicalGpusOf } from '../logical-gpus.ts';
import { formatBytes, printJSON, printLines, table } from '../output.ts';
import { EXIT } from '../usage.ts';

export const devices: Command = {
  options: LOGICAL_GPUS_OPTION,
  run: async (command, { json }) => {
    positionals(command);
    const runtime = new DeviceRuntime({ logicalGpus: logicalGpusOf(command) });
    try {
      const { devices: found, reason } = await runtime.discover();
      if (json) {
        printJSON(found.map((info) => ({ ...info, device: String(info.device) })));
      } else {
        const rows = found.map(({ device, backend, adapter, driver, memory, software }) => [
          String(device),
          backend,
          software ? `${adapter} (software)` : adapter,
          driver,
          formatBytes(memory),
        ]);
        printLines(table(rows));
      }
      // Not on stdout, which is a list of devices and nothing else.
      if (reason !== null) process.stderr.write(`No GPU: ${reason}\n`);
      return EXIT.done;
    } finally {
      await runtime.close();
    }
  },
};
