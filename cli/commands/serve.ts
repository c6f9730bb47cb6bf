import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stateDirectory } from '../../core/api/state-directory.ts';
import { createWorkspace } from '../../core/workspace/workspace.ts';
import { flag, integer, value, values } from '../arguments.ts';
import type { Command } from '../command.ts';
import { LOGICAL_GPUS_OPTION, logicalGpusOf } from '../logical-gpus.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { printJSON, printLines } from '../output.ts';
import { startServer } from '../serve/server.ts';
import { EXIT } from '../usage.ts';

const SAMPLE = fileURLToPath(new URL('../../../assets/sample.safetensors', import.meta.url));
const PAGES = fileURLToPath(new URL('../../renderer', import.meta.url));

export const serve: Command = {
  options: { root: 'string', host: 'string', port: 'string', open: 'flag', ...LOGICAL_GPUS_OPTION },
  run: async (command, { json, version }) => {
    const workspace = createWorkspace({
      stateDirectory: stateDirectory(),
      devices: { logicalGpus: logicalGpusOf(command) },
    });
    const server = await startServer({
      workspace,
      version,
      host: value(command, 'host') ?? '127.0.0.1',
      port: integer(value(command, 'port') ?? '0', 'port', [0, 65_535]),
      roots: rootsOf(values(command, 'root')),
      openFiles: command.positionals.map((file) => resolve(file)),
      stateDirectory: stateDirectory(),
      samplePath: SAMPLE,
      pagesDirectory: PAGES,
    });
    if (json) printJSON({ url: server.url });
    else printLines([`Parascope is at ${server.url}`, 'Press Ctrl+C to stop.']);
    if (flag(command, 'open')) openInBrowser(server.url);
    await stopSignal();
    await server.close();
    await workspace.close();
    return EXIT.done;
  },
};

/** Without `--root` the pages see the folder in which `serve` was started. */
function rootsOf(given: readonly string[]): string[] {
  return (given.length > 0 ? given : ['.']).map((root) => resolve(root));
}

function stopSignal(): Promise<void> {
  return new Promise((stop) => {
    process.once('SIGINT', () => stop());
    process.once('SIGTERM', () => stop());
  });
}
