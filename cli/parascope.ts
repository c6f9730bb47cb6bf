#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseCommand } from './arguments.ts';
import type { Command } from './command.ts';
import { reportFailure } from './failure.ts';
import { EXIT, HELP, UsageError } from './usage.ts';

/** Loaded when it is called: `inspect` must not wait for TensorFlow.js. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  hash: async () => (await import('./commands/hash.ts')).hash,
  stats: async () => (await import('./commands/stats.ts')).stats,
  spectrum: async () => (await import('./commands/spectrum.ts')).spectrum,
  values: async () => (await import('./commands/values.ts')).values,
  find: async () => (await import('./commands/find.ts')).find,
  diff: async () => (await import('./commands/diff.ts')).diff,
  edit: async () => (await import('./commands/edit.ts')).edit,
  convert: async () => (await import('./commands/convert.ts')).convert,
  serve: async () => (await import('./commands/serve.ts')).serve,
  devices: async () => (await import('./commands/devices.ts')).devices,
};

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  const json = words.includes('--json');
  try {
    if (name === '--version') {
      process.stdout.write(`${version()}\n`);
      return EXIT.done;
    }
    if (name === undefined || name === '--help' || name === 'help' || rest.includes('--help')) {
      process.stdout.write(HELP);
      return name === undefined ? EXIT.usage : EXIT.done;
    }
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!load) throw new UsageError(`There is no command '${name}'. See parascope --help.`);
    const command = await load();
    return await command.run(parseCommand(rest, command.options), { json, version: version() });
  } catch (error) {
    return reportFailure(error, json);
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

// A closed pipe (`parascope inspect … | head`) is how a reader says that it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  process.stderr.write(`parascope: The output cannot be written: ${error.message}.\n`);
  process.exit(EXIT.failed);
});
// Without anywhere to say what went wrong, the exit status still says it.
process.stderr.on('error', () => {});

// Of a command that never ends, with nothing left to wait for, the status says so.
process.exitCode = EXIT.failed;
main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
