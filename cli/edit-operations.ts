import { type Edit, editSchema } from '../core/workspace/edits.ts';
import type { OptionTypes, ParsedCommand } from './arguments.ts';
import { UsageError } from './usage.ts';

/** The operations of `parascope edit`, one option each, in the words of the command line. */
export const OPERATION_OPTIONS = {
  rename: 'string',
  delete: 'string',
  keep: 'string',
  cast: 'string',
  fill: 'string',
  scale: 'string',
  set: 'string',
  metadata: 'string',
  'delete-metadata': 'string',
} as const satisfies OptionTypes;

type Operation = keyof typeof OPERATION_OPTIONS;

const PARSERS: Readonly<Record<Operation, (text: string) => unknown>> = {
  rename: (text) => {
    const pattern = /^\/(?<pattern>.+)\/=(?<replacement>.*)$/s.exec(text)?.groups;
    if (pattern) return { kind: 'rename-pattern', ...pattern };
    const [from, to] = splitFirst(text, 'rename', 'OLD=NEW');
    return { kind: 'rename', from, to };
  },
  delete: (select) => ({ kind: 'delete', select }),
  keep: (select) => ({ kind: 'keep', select }),
  cast: (text) => {
    const [select, dtype] = splitLast(text, 'cast', 'GLOB=DTYPE');
    return { kind: 'cast', select, dtype };
  },
  fill: (text) => {
    const [select, value] = splitLast(text, 'fill', 'GLOB=VALUE');
    return { kind: 'fill', select, value };
  },
  scale: (text) => {
    const [select, factor] = splitLast(text, 'scale', 'GLOB=FACTOR');
    const number = Number(factor);
    if (factor.trim() === '' || Number.isNaN(number))
      throw new UsageError(`--scale wants a number after =, not '${factor}'.`);
    return { kind: 'scale', select, factor: number };
  },
  set: (text) => {
    const [target, list] = splitLast(text, 'set', 'NAME[SLICE]=VALUE');
    const values = list.split(',').map((value) => value.trim());
    if (values.includes('')) throw new UsageError(`--set wants a value after = and between commas, not '${list}'.`);
    const sliced = /^(?<name>.*)\[(?<slice>[^[\]]*)\]$/s.exec(target)?.groups;
    return {
      kind: 'set',
      name: sliced?.name ?? target,
      slice: sliced?.slice ?? '',
      values,
    };
  },
  metadata: (text) => {
    const [key, value] = splitFirst(text, 'metadata', 'KEY=VALUE');
    return { kind: 'metadata', key, value };
  },
  'delete-metadata': (key) => ({ kind: 'metadata', key, value: null }),
};

/** The edits that the options of a command line ask for, in their order. */
export function parseOperations(command: ParsedCommand): Edit[] {
  return command.options.flatMap(({ name, value }) => {
    if (!Object.hasOwn(PARSERS, name) || typeof value !== 'string') return [];
    const parsed = editSchema.safeParse(PARSERS[name as Operation](value));
    if (!parsed.success) {
      const reasons = parsed.error.issues.map(({ message, path }) => `${path.join('.')}: ${message}`);
      throw new UsageError(`--${name} '${value}': ${reasons.join('; ')}.`);
    }
    return [parsed.data];
  });
}

/** At the first `=`: what follows may hold more of them (metadata, new names). */
function splitFirst(text: string, option: string, form: string): [string, string] {
  return splitAt(text, text.indexOf('='), { option, form });
}

/** At the last `=`: what precedes is a name or glob, which may hold some. */
function splitLast(text: string, option: string, form: string): [string, string] {
  return splitAt(text, text.lastIndexOf('='), { option, form });
}

function splitAt(text: string, at: number, { option, form }: { option: string; form: string }): [string, string] {
  if (at <= 0) throw new UsageError(`--${option} wants ${form}, not '${text}'.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
