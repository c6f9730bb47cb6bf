import { useState } from 'react';
import type { NormsSummary } from '../contract.ts';
import { formatCount, formatStatistic } from '../format/numbers.ts';
import { formatTick, linearTicks } from './ticks.ts';

const WIDTH = 640;
const HEIGHT = 150;
const MARGIN = { left: 46, right: 20, top: 8, bottom: 24 };
const PLOT = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

interface NormsChartProps {
  readonly norms: NormsSummary;
  /** "Row" or "Column". */
  readonly word: string;
  readonly summary: string;
}

/** L2 norms in the order of their lines, from the least to the greatest of each stretch. */
export function NormsChart({ norms, word, summary }: NormsChartProps) {
  const [stretch, setStretch] = useState<number | null>(null);
  const { lows, highs, lines } = norms;
  const most = heightOf(norms);
  const readout = stretch === null || stretch >= lows.length ? summary : readStretch(norms, stretch, word);
  const width = PLOT.width / Math.max(1, lows.length);
  const yOf = (norm: number): number => PLOT.height * (1 - Math.min(1, norm / most));
  return (
    <>
      <div className="histogram-plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={`L2 norms by ${word.toLowerCase()}. ${summary}`}
          onPointerLeave={() => setStretch(null)}
        >
          <Axes most={most} lines={lines} />
          <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
            {lows.map((low, k) => {
              const [top, bottom] = [yOf(highs[k] ?? low), yOf(low)];
              const x = k * width;
              return (
                <g key={x} className={k === stretch ? 'bin current' : 'bin'} onPointerEnter={() => setStretch(k)}>
                  <rect className="bin-target" x={x} y={0} width={width} height={PLOT.height} />
                  <rect
                    className="bar"
                    x={x}
                    y={top - 1}
                    width={Math.max(1, width)}
                    height={Math.max(2, bottom - top)}
                  />
                </g>
              );
            })}
          </g>
        </svg>
        <input
          type="range"
          className="histogram-cursor"
          aria-label={`${word}s`}
          aria-valuetext={readout}
          min={0}
          max={Math.max(0, lows.length - 1)}
          value={stretch ?? 0}
          onChange={(event) => setStretch(Number(event.target.value))}
          onFocus={() => setStretch((known) => known ?? 0)}
          onBlur={() => setStretch(null)}
        />
      </div>
      <p className="readout">{readout}</p>
    </>
  );
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
  const bottom = MARGIN.top + PLOT.height;
  return (
    <g className="axis">
      {linearTicks(0, most, 3).map((tick) => {
        const y = MARGIN.top + PLOT.height * (1 - tick / most);
        return (
          <g key={`y${tick}`}>
            <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y} y2={y} />
            <text x={MARGIN.left - 6} y={y + 3.5} textAnchor="end">
              {formatTick(tick)}
            </text>
          </g>
        );
      })}
      <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={bottom} y2={bottom} className="baseline" />
      {linearTicks(0, Math.max(1, lines), 7)
        .filter(Number.isInteger)
        .map((tick) => (
          <text
            key={`x${tick}`}
            x={MARGIN.left + (tick / Math.max(1, lines)) * PLOT.width}
            y={bottom + 16}
            textAnchor="middle"
          >
            {formatCount(tick)}
          </text>
        ))}
    </g>
  );
}
