import type { Checkpoint, Entry } from '../../core/checkpoint/checkpoint.ts';
import { lazyEntry } from '../../core/checkpoint/lazy-entry.ts';
import { formatShape } from '../../core/ndarray/shape.ts';
import type { TensorDiff, TensorEngine } from '../../core/stats/engine.ts';
import { positionals, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { formatCount, formatNumber, printable, printJSON, printLines, table } from '../output.ts';
import { mapEntries, withCheckpoint, withEngine } from '../reading.ts';
import { EXIT } from '../usage.ts';

interface Change extends Partial<Omit<TensorDiff, 'identicalBytes'>> {
  readonly name: string;
  readonly kind: 'value' | 'dtype' | 'shape';
  readonly was: Entry;
  readonly is: Entry;
}

interface Differences {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly Change[];
}

export const diff: Command = {
  options: {},
  run: (command, { json }) => {
    const [a, b] = positionals(command, 'A', 'B');
    return withCheckpoint(required(a), (before) =>
      withCheckpoint(required(b), (after) =>
        withEngine(async (engine) => {
          const differences = await compare(engine, before, after);
          const { added, removed, changed } = differences;
          const identical = added.length + removed.length + changed.length === 0;
          if (json) printJSON({ added, removed, changed: changed.map(withoutEntries), identical });
          else printLines(identical ? ['The tensors are identical.'] : describe(differences));
          return identical ? EXIT.done : EXIT.different;
        }),
      ),
    );
  },
};

async function compare(engine: TensorEngine, before: Checkpoint, after: Checkpoint): Promise<Differences> {
  const common = before.entries.filter((entry) => after.find(entry.name));
  const changes = await mapEntries(before, { title: 'Comparing', entries: common }, async (tensor, was, onProgress) => {
    const is = after.find(was.name);
    if (!is) return null;
    if (formatShape(was.shape) !== formatShape(is.shape)) return { name: was.name, kind: 'shape' as const, was, is };
    const { identicalBytes, ...measures } = await engine.diff(tensor, lazyEntry(after, is), { onProgress });
    if (was.dtype !== is.dtype) return { name: was.name, kind: 'dtype' as const, ...measures, was, is };
    return identicalBytes ? null : { name: was.name, kind: 'value' as const, ...measures, was, is };
  });
  return {
    added: after.entries.filter((entry) => !before.find(entry.name)).map((entry) => entry.name),
    removed: before.entries.filter((entry) => !after.find(entry.name)).map((entry) => entry.name),
    changed: changes.filter((change) => change !== null),
  };
}

function withoutEntries({ was: _was, is: _is, ...change }: Change): object {
  return change;
}

function describe({ added, removed, changed }: Differences): string[] {
  return [
    ...removed.map((name) => `- ${printable(name)}`),
    ...added.map((name) => `+ ${printable(name)}`),
    ...table(
      changed.map(({ name, kind, was, is, ...measures }) => [
        `~ ${printable(name)}`,
        kind === 'shape' ? `${formatShape(was.shape)} → ${formatShape(is.shape)}` : '',
        kind === 'dtype' ? `${was.dtype} → ${is.dtype}` : '',
        measures.changedCount === undefined ? '' : `${formatCount(measures.changedCount)} changed`,
        measures.maxAbs === undefined ? '' : `max |Δ| ${formatNumber(measures.maxAbs)}`,
        measures.relL2 === undefined ? '' : `relative L2 ${formatNumber(measures.relL2)}`,
        measures.cosine === undefined ? '' : `cosine ${formatNumber(measures.cosine)}`,
      ]),
    ),
  ];
}
