import type { TensorEngine, Tolerance } from '../../core/stats/engine.ts';
import { compareSides } from '../../core/workspace/compare/compare.ts';
import type { Compared } from '../../core/workspace/compare/compared.ts';
import { compareMetadata, type MetadataDifference } from '../../core/workspace/compare/metadata.ts';
import { type ComparisonPlan, planComparison } from '../../core/workspace/compare/plan.ts';
import { sideOfCheckpoint } from '../../core/workspace/compare/sides.ts';
import { nonNegative, positionals, required, value } from '../arguments.ts';
import type { Command } from '../command.ts';
import { describeDifferences } from '../differences-text.ts';
import { withCheckpoint } from '../opening.ts';
import { printJSON, printLines } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { withEngine } from '../reading.ts';
import { THREADS_OPTION } from '../threads.ts';
import { EXIT } from '../usage.ts';

export const diff: Command = {
  options: { tolerance: 'string', rtol: 'string', ...THREADS_OPTION },
  run: (command, { json }) => {
    const [a, b] = positionals(command, 'A', 'B');
    const tolerance = toleranceOf(value(command, 'tolerance'), value(command, 'rtol'));
    return withEngine({ command, startNow: true }, (engine) =>
      withCheckpoint(required(a), (first) =>
        withCheckpoint(required(b), async (second) => {
          const plan = await planComparison(sideOfCheckpoint(first), sideOfCheckpoint(second));
          const found = await compare(engine, plan, tolerance);
          const metadata = compareMetadata(first.metadata, second.metadata);
          if (json) printJSON(toJSON(found, metadata, tolerance));
          else printLines(describeDifferences(found, metadata));
          return found.every(({ kind }) => kind === 'same' || kind === 'within') ? EXIT.done : EXIT.different;
        }),
      ),
    );
  },
};

function toleranceOf(absolute: string | undefined, relative: string | undefined): Tolerance | undefined {
  if (absolute === undefined && relative === undefined) return undefined;
  return { absolute: nonNegative(absolute ?? '0', 'tolerance'), relative: nonNegative(relative ?? '0', 'rtol') };
}

/** In the order of the first file; what was added comes last, in that of the second. */
async function compare(
  engine: TensorEngine,
  plan: ComparisonPlan,
  tolerance: Tolerance | undefined,
): Promise<Compared[]> {
  const progress = new ProgressLine('Comparing', plan.bytes);
  const found: Compared[] = [];
  try {
    await compareSides(plan, {
      engine,
      tolerance,
      onProgress: (done) => progress.update(done),
      onFound: (tensor) => found.push(tensor),
    });
  } finally {
    progress.end();
  }
  const placeOf = ({ before: was, after: is }: Compared): number => was?.id ?? plan.before.count + (is?.id ?? 0);
  return found.sort((x, y) => placeOf(x) - placeOf(y));
}

function toJSON(found: readonly Compared[], metadata: MetadataDifference, tolerance: Tolerance | undefined): object {
  const of = (...kinds: readonly Compared['kind'][]) => found.filter(({ kind }) => kinds.includes(kind));
  return {
    added: of('added').map(({ after }) => after?.name),
    removed: of('removed').map(({ before }) => before?.name),
    renamed: of('renamed').map(({ before, after }) => ({ from: before?.name, to: after?.name })),
    changed: of('value', 'dtype', 'shape').map(measured),
    ...(tolerance && { within: of('within').map(measured) }),
    metadata,
    identical: found.every(({ kind }) => kind === 'same'),
  };
}

function measured({ kind, before, after, diff }: Compared): object {
  const isDType = kind === 'within' && before?.dtype !== after?.dtype;
  const named = { name: after?.name, kind: kind === 'within' ? (isDType ? 'dtype' : 'value') : kind };
  if (diff === null) return named;
  const { identicalBytes: _, beyondTolerance, ...measures } = diff;
  return { ...named, ...measures, ...(beyondTolerance !== null && { beyondTolerance }) };
}
