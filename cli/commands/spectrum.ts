import { lazyEntry } from '../../core/checkpoint/lazy-entry.ts';
import { formatShape, type Shape } from '../../core/ndarray/shape.ts';
import { parseSlice } from '../../core/ndarray/slice.ts';
import type { MatrixSlice } from '../../core/stats/engine.ts';
import type { Between, Spectrum } from '../../core/stats/spectrum/spectrum.ts';
import { integer, type ParsedCommand, positionals, required, value } from '../arguments.ts';
import type { Command } from '../command.ts';
import { findEntry, withCheckpoint } from '../opening.ts';
import { formatCount, formatNumber, printJSON, printLines, table } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { withEngine } from '../reading.ts';
import { THREADS_OPTION } from '../threads.ts';
import { EXIT, UsageError } from '../usage.ts';

/** Lines of the table for people; `--json` has all values. */
const SHOWN_VALUES = 16;

export const spectrum: Command = {
  options: { count: 'string', seed: 'string', ...THREADS_OPTION },
  run: (command, { json }) => {
    const [file, name, slice] = positionals(command, 'FILE', 'NAME', '[SLICE]');
    const count = optionalInteger(command, 'count', [1, 1_000_000]);
    const seed = optionalInteger(command, 'seed', [0, 2 ** 32 - 1]);
    return withEngine({ command }, (engine) =>
      withCheckpoint(required(file), async (checkpoint) => {
        const entry = findEntry(checkpoint, required(name));
        const matrix = matrixOf(slice ?? '', entry.shape);
        const progress = new ProgressLine('Spectrum', entry.nbytes);
        const onProgress = (done: number): void => progress.update(done);
        try {
          const found = await engine.spectrum(lazyEntry(checkpoint, entry), { ...matrix, count, seed }, { onProgress });
          if (json) printJSON({ name: entry.name, dtype: entry.dtype, ...found });
          else printLines(describe(found));
        } finally {
          progress.end();
        }
        return EXIT.done;
      }),
    );
  },
};

function optionalInteger(command: ParsedCommand, name: string, limits: readonly [number, number]): number | undefined {
  const text = value(command, name);
  return text === undefined ? undefined : integer(text, name, limits);
}

/** Two whole axes, and an index for each other one; of a vector or scalar the matrix of one row. */
function matrixOf(text: string, shape: Shape): MatrixSlice {
  const { ranges, removedAxes } = parseSlice(text, shape);
  const axes = shape.map((_, axis) => axis).filter((axis) => !removedAxes.includes(axis));
  const whole = axes.every((axis) => {
    const range = ranges[axis];
    return range?.start === 0 && range.step === 1 && range.count === shape[axis];
  });
  const [rowAxis = null, columnAxis = null] = axes.length === 2 ? axes : [null, ...axes];
  if (!whole || axes.length !== Math.min(2, shape.length)) {
    throw new UsageError(
      `A spectrum is of a matrix: of ${formatShape(shape)}, name two whole axes and an index for each other one, ` +
        `such as ${[...shape.slice(2).map(() => '0'), ':', ':'].join(',')}.`,
    );
  }
  return { rowAxis, columnAxis, index: ranges.map(({ start }) => start) };
}

function describe(found: Spectrum): string[] {
  const { rows, columns, values, errors } = found;
  const figures: readonly (readonly [string, string])[] = [
    ['matrix', `${formatCount(rows)} × ${formatCount(columns)}`],
    ['singular values', `${formatCount(values.length)} of ${formatCount(Math.min(rows, columns))}, ${found.method}`],
    ['Frobenius norm', formatNumber(found.frobenius)],
    ['energy captured', formatNumber(found.captured)],
    ['effective rank', formatBetween(found.effectiveRank)],
    ['stable rank', formatNumber(found.stableRank)],
    ['rank at 90 % energy', formatNumber(found.rank90)],
    ['rank at 99 % energy', formatNumber(found.rank99)],
    ['numerical rank', formatNumber(found.numericalRank)],
    ['condition', formatNumber(found.condition)],
  ];
  const lines = values
    .slice(0, SHOWN_VALUES)
    .map((sigma, index) => [String(index + 1), formatNumber(sigma), formatNumber(errors[index] ?? null)]);
  const more = values.length - lines.length;
  return [
    ...table(figures),
    '',
    ...table([['', 'value', 'error'], ...lines], [0, 1, 2]),
    ...(more > 0 ? [`… ${formatCount(more)} more with --json`] : []),
  ];
}

function formatBetween(between: Between | null): string {
  if (between === null) return formatNumber(null);
  const [low, high] = [formatNumber(between.low), formatNumber(between.high)];
  return low === high ? low : `${low} to ${high}`;
}
