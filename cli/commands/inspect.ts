import type { Checkpoint, Entry, OtherArray } from '../../core/checkpoint/checkpoint.ts';
import { namedEntries } from '../../core/checkpoint/named-entries.ts';
import { declaredDType } from '../../core/checkpoint/stored-entry.ts';
import { elementCount, formatShape } from '../../core/ndarray/shape.ts';
import { documentValues, hasValues } from '../../core/workspace/other-values.ts';
import { flag, positionals, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withCheckpoint } from '../opening.ts';
import { formatBytes, formatCount, printable, printJSON, printLines, table } from '../output.ts';
import { EXIT } from '../usage.ts';

/** Enough to see what a model is; more is a page of scrolling, which `--all` asks for. */
const FIRST = 100;

export const inspect: Command = {
  options: { all: 'flag' },
  run: (command, { json }) => {
    const [file] = positionals(command, 'FILE');
    return withCheckpoint(required(file), async (checkpoint) => {
      if (json) printJSON(describe(checkpoint));
      else printLines(summarize(checkpoint, flag(command, 'all')));
      return EXIT.done;
    });
  },
};

function describe(checkpoint: Checkpoint): object {
  return {
    format: checkpoint.format,
    metadata: checkpoint.metadata,
    tensors: inFileOrder(checkpoint),
    ...(hasValues(checkpoint) && { values: documentValues(checkpoint).values }),
  };
}

/** Tensors, and arrays that are none, as the file has them. */
function inFileOrder(checkpoint: Checkpoint): object[] {
  const { others = [] } = checkpoint;
  const entries = namedEntries(checkpoint);
  const listed: object[] = [];
  let next = 0;
  for (const [index, entry] of entries.entries()) {
    for (; (others[next]?.before ?? Number.POSITIVE_INFINITY) <= index; next++)
      listed.push(describeOther(others[next]));
    const { name, shape, nbytes, stored, sparse } = entry;
    listed.push({
      name,
      dtype: declaredDType(entry),
      shape,
      nbytes: stored?.nbytes ?? nbytes,
      ...(sparse && { stype: sparse.layout.stype }),
    });
  }
  return [...listed, ...others.slice(next).map(describeOther)];
}

function describeOther(other: OtherArray | undefined): object {
  return { name: other?.name, dtype: other?.dtype, shape: other?.shape, nbytes: other?.nbytes };
}

function summarize(checkpoint: Checkpoint, all: boolean): string[] {
  const entries = namedEntries(checkpoint);
  const shown = all ? entries : entries.slice(0, FIRST);
  const lines = [
    `${printable(checkpoint.path)}: ${checkpoint.format}, ${countOf(entries.length, 'tensor')}, ` +
      `${countOf(
        sum(entries, (entry) => elementCount(entry.shape)),
        'parameter',
      )}, ` +
      `${formatBytes(sum(entries, (entry) => entry.nbytes))}`,
    ...partOf(checkpoint),
    ...byDType(entries).map(
      ([dtype, group]) =>
        `  ${dtype}: ${countOf(group.length, 'tensor')}, ${formatBytes(sum(group, (entry) => entry.nbytes))}`,
    ),
    ...Object.entries(checkpoint.metadata).map(
      ([key, text]) => `  metadata ${printable(key)}: ${clip(printable(text))}`,
    ),
    '',
    ...table(
      shown.map((entry) => [printable(entry.name), typeOf(entry), formatShape(entry.shape), formatBytes(entry.nbytes)]),
      [3],
    ),
  ];
  if (shown.length < entries.length) {
    lines.push(`… and ${formatCount(entries.length - shown.length)} more; --all lists them.`);
  }
  for (const { name, dtype, shape, text } of checkpoint.others ?? []) {
    lines.push(`${printable(name)}  ${dtype} ${formatShape(shape)}  ${clip(printable(text))}`);
  }
  for (const { key, text } of checkpoint.values ?? []) {
    lines.push(`  value ${printable(key)}: ${clip(printable(text))}`);
  }
  return lines;
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function partOf({ part, files, entries }: Checkpoint): string[] {
  if (part === undefined) return [];
  return [`  part ${part + 1} of ${files.length}; all parts together hold ${countOf(entries.length, 'tensor')}`];
}

function typeOf({ dtype, sparse }: Entry): string {
  return sparse ? `${dtype} ${sparse.layout.stype}` : dtype;
}

function byDType(entries: readonly Entry[]): [dtype: string, group: Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.dtype);
    if (group) group.push(entry);
    else groups.set(entry.dtype, [entry]);
  }
  return [...groups];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
