import { type ReactNode, useId, useState } from 'react';
import type { Histogram as HistogramData, HistogramRequest } from '../contract.ts';
import { formatCount, formatShare, formatStatistic, plural } from '../format/numbers.ts';
import { barHeight, positionOf, summaryOf } from './histogram-scale.ts';
import { edgeTicks, formatTick, linearTicks, logTicks } from './ticks.ts';
import './histogram.css';

const WIDTH = 640;
const HEIGHT = 190;
const MARGIN = { left: 46, right: 20, top: 8, bottom: 24 };
const PLOT = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

interface HistogramProps {
  readonly histogram: HistogramData;
  /** The lowest and highest finite value; the edges may reach beyond them. */
  readonly extremes: readonly [low: number, high: number];
  readonly scale: HistogramRequest['scale'];
  /** Whether counts rise by their logarithm. */
  readonly log: boolean;
  /** What is in no bin, in words; empty where all is. */
  readonly outside: string;
  readonly controls: ReactNode;
}

/** Where the finite values lie. A bar is read by pointing at it, or with the arrow keys. */
export function Histogram({ histogram, extremes, scale, log, outside, controls }: HistogramProps) {
  const [bin, setBin] = useState<number | null>(null);
  const { counts } = histogram;
  const titleId = useId();
  const total = counts.reduce((sum, count) => sum + count, 0);
  const summary = total === 0 && scale === 'log' ? 'No positive values.' : summaryOf(histogram, total, extremes);
  const readout = bin === null || bin >= counts.length ? summary : readBin(histogram, bin, total);
  return (
    <div className="histogram">
      <div className="panel-title">
        <h3 id={titleId}>Histogram</h3>
        <span className="spacer" />
        {controls}
      </div>
      <div className="histogram-plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={`Histogram. ${summary}`}
          onPointerLeave={() => setBin(null)}
        >
          <YAxis most={Math.max(0, ...counts)} log={log} />
          <XAxis edges={histogram.edges} scale={scale} />
          <Bars counts={counts} log={log} current={bin} onPoint={setBin} />
        </svg>
        <input
          type="range"
          className="histogram-cursor"
          aria-label="Histogram bin"
          aria-valuetext={readout}
          min={0}
          max={Math.max(0, counts.length - 1)}
          value={bin ?? 0}
          onChange={(event) => setBin(Number(event.target.value))}
          onFocus={() => setBin((known) => known ?? 0)}
          onBlur={() => setBin(null)}
        />
      </div>
      <p className="readout">
        {readout}
        {outside !== '' && <span className="alarm-text"> {outside}</span>}
      </p>
    </div>
  );
}

function readBin({ edges, counts }: HistogramData, bin: number, total: number): string {
  const from = formatStatistic(edges[bin] ?? null);
  const to = formatStatistic(edges[bin + 1] ?? null);
  const count = counts[bin] ?? 0;
  return `${from} to ${to}: ${plural(count, 'element')} (${formatShare(count, total)})`;
}

interface BarsProps {
  readonly counts: readonly number[];
  readonly log: boolean;
  readonly current: number | null;
  readonly onPoint: (bin: number) => void;
}

function Bars({ counts, log, current, onPoint }: BarsProps) {
  const most = Math.max(...counts);
  const width = PLOT.width / counts.length;
  return (
    <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
      {counts.map((count, i) => {
        const height = barHeight(count, most, log) * PLOT.height;
        const x = i * width;
        return (
          <g key={x} className={i === current ? 'bin current' : 'bin'} onPointerEnter={() => onPoint(i)}>
            <rect className="bin-target" x={x} y={0} width={width} height={PLOT.height} />
            <rect className="bar" x={x} y={PLOT.height - height} width={Math.max(0.5, width - 1)} height={height} />
          </g>
        );
      })}
    </g>
  );
}

function YAxis({ most, log }: { readonly most: number; readonly log: boolean }) {
  const ticks = log ? logTicks(most) : linearTicks(0, most, 4).filter(Number.isInteger);
  return (
    <g className="axis">
      {ticks.map((tick) => {
        const y = MARGIN.top + PLOT.height * (1 - barHeight(tick, most, log));
        return (
          <g key={tick}>
            <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y} y2={y} />
            <text x={MARGIN.left - 6} y={y + 3.5} textAnchor="end">
              {tick >= 1e5 ? formatTick(tick) : formatCount(tick)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** The share of the axis that a label takes. */
const LABEL_SHARE = 0.06;

/** Without those whose labels would run into another's, as they do beside the zero of a symmetric axis, which stays. */
function apart(ticks: readonly number[], edges: readonly number[], scale: HistogramRequest['scale']): number[] {
  const placed: { tick: number; place: number }[] = [];
  for (const tick of ticks.toSorted((a, b) => Number(b === 0) - Number(a === 0))) {
    const place = positionOf(tick, edges, scale);
    if (placed.every((other) => Math.abs(other.place - place) >= LABEL_SHARE)) placed.push({ tick, place });
  }
  return placed.map(({ tick }) => tick);
}

interface XAxisProps {
  readonly edges: readonly number[];
  readonly scale: HistogramRequest['scale'];
}

function XAxis({ edges, scale }: XAxisProps) {
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 0;
  const y = MARGIN.top + PLOT.height;
  const ticks = apart(scale === 'linear' ? linearTicks(low, high, 7) : edgeTicks(edges, 7), edges, scale);
  return (
    <g className="axis">
      <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y} y2={y} className="baseline" />
      {ticks.map((tick) => {
        const x = MARGIN.left + positionOf(tick, edges, scale) * PLOT.width;
        return (
          <text key={tick} x={x} y={y + 16} textAnchor="middle">
            {formatTick(tick)}
          </text>
        );
      })}
    </g>
  );
}
