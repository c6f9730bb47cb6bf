import { type SingleEdit, singleEditSchema } from '../core/workspace/edits.ts';
import type { OptionTypes } from './arguments.ts';
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
  copy: 'string',
  init: 'string',
  compute: 'string',
  reshape: 'string',
  transpose: 'string',
  slice: 'string',
  concatenate: 'string',
  split: 'string',
  tie: 'string',
  untie: 'string',
  metadata: 'string',
  'delete-metadata': 'string',
} as const satisfies OptionTypes;

export type Operation = keyof typeof OPERATION_OPTIONS;

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
  copy: parseCopy,
  init: parseInit,
  compute: parseCompute,
  reshape: (text) => {
    const [name, sizes] = splitLast(text, 'reshape', 'NAME=SIZES');
    return { kind: 'reshape', name, shape: integers(sizes, 'reshape') };
  },
  transpose: (text) => {
    const axes = /^(?<name>.+)=(?<list>[-\d,\s]*)$/s.exec(text)?.groups;
    if (!axes) return { kind: 'transpose', name: text };
    return { kind: 'transpose', name: axes.name, axes: integers(axes.list ?? '', 'transpose') };
  },
  slice: (text) => {
    const form = /^(?:(?<to>.+?)=)?(?<name>.*)\[(?<slice>[^[\]]*)\]$/s.exec(text)?.groups;
    if (!form) throw new UsageError(`--slice wants [NEW=]NAME[SLICE], not '${text}'.`);
    return { kind: 'slice', name: form.name, slice: form.slice, ...(form.to !== undefined && { to: form.to }) };
  },
  concatenate: (text) => {
    const [to, rest] = splitFirst(text, 'concatenate', 'NEW=AXIS:NAME,NAME…');
    const [axis, names] = axisAndList(rest, 'concatenate');
    return { kind: 'concatenate', to, axis, names };
  },
  split: (text) => {
    const [name, rest] = splitFirst(text, 'split', 'NAME=AXIS:NEW:SIZE,NEW:SIZE…');
    const [axis, list] = axisAndList(rest, 'split');
    const parts = list.map((part) => {
      const at = part.lastIndexOf(':');
      return { to: part.slice(0, at), size: integers(part.slice(at + 1), 'split')[0] };
    });
    return { kind: 'split', name, axis, names: parts.map(({ to }) => to), sizes: parts.map(({ size }) => size) };
  },
  tie: (text) => {
    const [first, others] = splitFirst(text, 'tie', 'NAME=NAME,NAME…');
    return { kind: 'tie', names: [first, ...others.split(',')] };
  },
  untie: (select) => ({ kind: 'untie', select }),
  metadata: (text) => {
    const [key, value] = splitFirst(text, 'metadata', 'KEY=VALUE');
    return { kind: 'metadata', key, value };
  },
  'delete-metadata': (key) => ({ kind: 'metadata', key, value: null }),
};

export function isOperation(name: string): name is Operation {
  return Object.hasOwn(PARSERS, name);
}

/** The edit that one option asks for. Throws `UsageError`. */
export function parseOperation(name: Operation, text: string): SingleEdit {
  const parsed = singleEditSchema.safeParse(PARSERS[name](text));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(({ message, path }) => `${path.join('.')}: ${message}`);
  throw new UsageError(`--${name} '${text}': ${reasons.join('; ')}.`);
}

/** `NAME=FILE:NAME`; a name that is taken is replaced. `NAME=:NAME` copies within the file. */
function parseCopy(text: string): unknown {
  const [name, from] = splitFirst(text, 'copy', 'NAME=FILE:NAME');
  const at = from.lastIndexOf(':');
  if (at < 0) throw new UsageError(`--copy wants NAME=FILE:NAME, not '${text}'.`);
  const file = from.slice(0, at);
  const source = { tensor: from.slice(at + 1), ...(file !== '' && { file }) };
  return { kind: 'copy', source, name, collision: 'replace' };
}

/** `GLOB=x * 0.5 + "other"`; `GLOB=x + b; b=FILE:NAME` names tensors of other files. */
function parseCompute(text: string): unknown {
  const [select, rest] = splitFirst(text, 'compute', 'GLOB=EXPRESSION');
  const [expression, ...given] = rest.split(';');
  const sources = given.map((item) => {
    const form = /^\s*(?<alias>\w+)=(?<file>.+):(?<tensor>[^:]+)$/s.exec(item)?.groups;
    if (!form) throw new UsageError(`--compute wants ALIAS=FILE:NAME after a semicolon, not '${item}'.`);
    return [form.alias, { file: form.file, tensor: form.tensor }];
  });
  return { kind: 'compute', select, expression, sources: Object.fromEntries(sources) };
}

/** `GLOB=xavier`, `GLOB=xavier(magnitude=2, rnd_type=gaussian)`, `GLOB=["xavier", {…}]`; `seed` is the edit's own. */
function parseInit(text: string): unknown {
  const json = /^(?<select>.+?)=(?<initializer>[[{].*)$/s.exec(text)?.groups;
  if (json) return { kind: 'reinitialize', ...json };
  const call = /^(?<select>.+)=(?<initializer>\w+)(?:\((?<list>[^()]*)\))?$/s.exec(text)?.groups;
  if (!call) throw new UsageError(`--init wants GLOB=NAME(ARGUMENT=VALUE, …), not '${text}'.`);
  const given = Object.fromEntries(argumentsOf(call.list ?? ''));
  const { seed, ...others } = given;
  const { select, initializer } = call;
  return { kind: 'reinitialize', select, initializer, arguments: others, ...(seed !== undefined && { seed }) };
}

function argumentsOf(list: string): [string, unknown][] {
  return list
    .split(',')
    .filter((item) => item.trim() !== '')
    .map((item) => {
      const [key, value] = splitFirst(item.trim(), 'init', 'GLOB=NAME(ARGUMENT=VALUE, …)');
      return [key.trim(), argumentValue(value.trim())];
    });
}

/** JSON where it is some; else the text itself, so that `gaussian` needs no quotes in a shell. */
function argumentValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function integers(text: string, option: string): number[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.length === 1 && items[0] === '') return [];
  return items.map((item) => {
    if (/^-?\d+$/.test(item)) return Number(item);
    throw new UsageError(`--${option} wants whole numbers, not '${item}'.`);
  });
}

function axisAndList(text: string, option: string): [number | undefined, string[]] {
  const at = text.indexOf(':');
  if (at <= 0) throw new UsageError(`--${option} wants an axis and a colon after =, not '${text}'.`);
  return [integers(text.slice(0, at), option)[0], text.slice(at + 1).split(',')];
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
