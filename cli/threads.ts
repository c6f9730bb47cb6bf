import { integer, type OptionTypes, type ParsedCommand, value } from './arguments.ts';

/** Each takes memory of its own: more is a slip of the keyboard. */
const MOST_THREADS = 64;

/** Of every command that computes. */
export const THREADS_OPTION: OptionTypes = { threads: 'string' };

/** What `--threads` says, as the engine takes it; without it the engine decides. */
export function threadsOf(command: ParsedCommand): { readonly threads?: number } {
  const text = value(command, 'threads');
  return text === undefined ? {} : { threads: integer(text, 'threads', [1, MOST_THREADS]) };
}
