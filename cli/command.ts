import type { OptionTypes, ParsedCommand } from './arguments.ts';

export interface CommandContext {
  readonly json: boolean;
  readonly version: string;
}

export interface Command {
  /** Options beside `--json`, which every command takes. */
  readonly options: OptionTypes;
  /** Resolves to the exit status. */
  run(command: ParsedCommand, context: CommandContext): Promise<number>;
}
