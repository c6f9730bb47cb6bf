import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './usage.ts';

export interface ParsedCommand {
  readonly positionals: readonly string[];
  /** Options in the order in which they were given; flags have the value `true`. */
  readonly options: readonly { readonly name: string; readonly value: string | true }[];
}

export type OptionTypes = Readonly<Record<string, 'string' | 'flag'>>;

/** A slice may begin with a minus, `-1,:4`; no option of ours begins with a digit. No word of a shell holds NUL. */
const NO_OPTION = '\0';

function unmarked(word: string | undefined): string | undefined {
  return word?.startsWith(NO_OPTION) ? word.slice(NO_OPTION.length) : word;
}

/** Splits the words after a command's name; an unknown option or a missing value is a `UsageError`. */
export function parseCommand(words: readonly string[], types: OptionTypes): ParsedCommand {
  const options: NonNullable<ParseArgsConfig['options']> = { json: { type: 'boolean' } };
  for (const [name, type] of Object.entries(types)) {
    options[name] = { type: type === 'flag' ? 'boolean' : 'string', multiple: true };
    if (name === 'output') options[name] = { type: 'string', multiple: true, short: 'o' };
  }
  try {
    const { positionals, tokens } = parseArgs({
      args: words.map((word) => (/^-\d/.test(word) ? NO_OPTION + word : word)),
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const given = tokens.flatMap((token) =>
      token.kind === 'option' ? [{ name: token.name, value: unmarked(token.value) ?? (true as const) }] : [],
    );
    return { positionals: positionals.map((word) => unmarked(word) ?? word), options: given };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)} See parascope --help.`);
  }
}

export function flag(command: ParsedCommand, name: string): boolean {
  return command.options.some((option) => option.name === name);
}

/** The values of an option that may be given several times. */
export function values(command: ParsedCommand, name: string): string[] {
  return command.options.flatMap((option) =>
    option.name === name && typeof option.value === 'string' ? [option.value] : [],
  );
}

/** The last value of an option, or undefined. */
export function value(command: ParsedCommand, name: string): string | undefined {
  return values(command, name).at(-1);
}

/** Exactly the positionals that `names` lists; a name in brackets is optional. */
export function positionals(command: ParsedCommand, ...names: readonly string[]): (string | undefined)[] {
  const required = names.filter((name) => !name.startsWith('[')).length;
  const given = command.positionals;
  if (given.length < required) throw new UsageError(`Missing ${names[given.length]}. See parascope --help.`);
  if (given.length > names.length)
    throw new UsageError(`Unexpected argument '${given[names.length]}'. See parascope --help.`);
  return names.map((_, i) => given[i]);
}

/** A required positional: `parseCommand` has made sure that it is there. */
export function required(argument: string | undefined): string {
  if (argument === undefined) throw new UsageError('An argument is missing. See parascope --help.');
  return argument;
}

export function integer(text: string, option: string, [low, high]: readonly [number, number]): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) {
    throw new UsageError(`--${option} wants a whole number from ${low} to ${high}, not '${text}'.`);
  }
  return number;
}

export function nonNegative(text: string, option: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number >= 0 && Number.isFinite(number))) {
    throw new UsageError(`--${option} wants a number that is not negative, not '${text}'.`);
  }
  return number;
}
