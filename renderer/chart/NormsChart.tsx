import type { NormsSummary } from '../contract.ts';
import { formatCount, formatStatistic } from '../format/numbers.ts';
import { Baseline, Level, Place } from './axes.tsx';
import { Bin } from './Bin.tsx';
import { frameOf } from './frame.ts';
import { ReadablePlot } from './ReadablePlot.tsx';
import { formatTick, linearTicks } from './ticks.ts';
import { useCursor } from './use-cursor.ts';

const FRAME = frameOf(150, { left: 46, right: 20, top: 8, bottom: 24 });

interface NormsChartProps {
  readonly norms: NormsSummary;
  /** "Row" or "Column". */
  readonly word: string;
  readonly summary: string;
}

/** L2 norms in the order of their lines, from the least to the greatest of each stretch. */
export function NormsChart({ norms, word, summary }: NormsChartProps) {
  const { lows, highs, lines } = norms;
  const most = heightOf(norms);
  const cursor = useCursor({ count: lows.length, summary, read: (stretch) => readStretch(norms, stretch, word) });
  const width = FRAME.width / Math.max(1, lows.length);
  return (
    <>
      <ReadablePlot frame={FRAME} cursor={cursor} title={`L2 norms by ${word.toLowerCase()}`} cursorLabel={`${word}s`}>
        <Axes most={most} lines={lines} />
        {lows.map((low, stretch) => {
          const [top, bottom] = [yOf(highs[stretch] ?? low, most), yOf(low, most)];
          const x = FRAME.left + stretch * width;
          return (
            <Bin key={x} frame={FRAME} cursor={cursor} at={stretch}>
              <rect className="bar" x={x} y={top - 1} width={Math.max(1, width)} height={Math.max(2, bottom - top)} />
            </Bin>
          );
        })}
      </ReadablePlot>
      <p className="readout">{cursor.readout}</p>
    </>
  );
}

function yOf(norm: number, most: number): number {
  return FRAME.bottom - Math.min(1, norm / most) * FRAME.height;
}

/** What the axis reaches; norms whose squares overflow are drawn at its top. */
function heightOf({ highs }: NormsSummary): number {
  return Math.max(...highs.filter(Number.isFinite), 0) || 1;
}

function readStretch({ lows, highs, stretch, lines }: NormsSummary, place: number, word: string): string {
  const first = place * stretch;
  const last = Math.min(lines, first + stretch) - 1;
  const low = formatStatistic(lows[place] ?? null);
  if (first === last) return `${word} ${formatCount(first)}: ${low}`;
  const high = formatStatistic(highs[place] ?? null);
  return `${word}s ${formatCount(first)} to ${formatCount(last)}: ${low} to ${high}`;
}

function Axes({ most, lines }: { readonly most: number; readonly lines: number }) {
  const end = Math.max(1, lines);
  return (
    <g className="axis">
      {linearTicks(0, most, 3).map((tick) => (
        <Level key={`y${tick}`} frame={FRAME} y={yOf(tick, most)} label={formatTick(tick)} />
      ))}
      <Baseline frame={FRAME} />
      {linearTicks(0, end, 7)
        .filter(Number.isInteger)
        .map((tick) => (
          <Place key={`x${tick}`} frame={FRAME} x={FRAME.left + (tick / end) * FRAME.width} label={formatCount(tick)} />
        ))}
    </g>
  );
}
