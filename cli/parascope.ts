#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseCommand } from './arguments.ts';
import type { Command } from './command.ts';
import { convert } from './commands/convert.ts';
import { devices } from './commands/devices.ts';
import { diff } from './commands/diff.ts';
import { edit } from './commands/edit.ts';
import { hash } from './commands/hash.ts';
import { inspect } from './commands/inspect.ts';
import { serve } from './commands/serve.ts';
import { stats } from './commands/stats.ts';
import { values } from './commands/values.ts';
import { reportFailure } from './failure.ts';
import { EXIT, HELP, UsageError } from './usage.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  inspect,
  hash,
  stats,
  values,
  diff,
  edit,
  convert,
  serve,
  devices,
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
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(`There is no command '${name}'. See parascope --help.`);
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
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
