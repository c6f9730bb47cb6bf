import { type PointerEvent, useState } from 'react';
import { formatTick, linearTicks } from '../chart/ticks.ts';
import type { Spectrum } from '../contract.ts';
import { formatCount, formatShare, formatStatistic } from '../format/numbers.ts';
import { cumulativeEnergy, formatError, heightOf, rangeOf, valueTicks } from './spectrum-scale.ts';
import '../chart/histogram.css';

const WIDTH = 640;
const HEIGHT = 220;
const MARGIN = { left: 56, right: 52, top: 10, bottom: 24 };
const PLOT = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
const BOTTOM = MARGIN.top + PLOT.height;
const SHARES = [0, 0.25, 0.5, 0.75, 1];

type Range = readonly [low: number, high: number];

/** Values fall over their index, by their logarithm; energy rises. One is read by pointing at it, or with the arrow keys. */
export function SpectrumPlot({ spectrum }: { readonly spectrum: Spectrum }) {
  const [index, setIndex] = useState<number | null>(null);
  const range = rangeOf(spectrum);
  const energy = cumulativeEnergy(spectrum);
  const { values } = spectrum;
  const summary = summaryOf(spectrum, energy);
  if (range === null) return <p className="readout">All singular values are 0.</p>;
  const current = index === null ? null : Math.min(index, values.length - 1);
  const readout = current === null ? summary : readValue(spectrum, energy, current);
  return (
    <figure className="spectrum-plot">
      <div className="histogram-plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={`Spectrum. ${summary}`}
          onPointerMove={(event) => setIndex(indexAt(event, values.length))}
          onPointerLeave={() => setIndex(null)}
        >
          <Axes range={range} count={values.length} />
          <polyline className="energy-line" points={pointsOf(energy, (share) => share)} />
          <polyline className="value-line" points={pointsOf(values, (value) => heightOf(value, range))} />
          {current !== null && <Cursor x={xOf(current, values.length)} y={heightOf(values[current] ?? 0, range)} />}
        </svg>
        <input
          type="range"
          className="histogram-cursor"
          aria-label="Singular value"
          aria-valuetext={readout}
          min={0}
          max={Math.max(0, values.length - 1)}
          value={current ?? 0}
          onChange={(event) => setIndex(Number(event.target.value))}
          onFocus={() => setIndex((known) => known ?? 0)}
          onBlur={() => setIndex(null)}
        />
      </div>
      <figcaption>
        <span className="spectrum-key sigma-key">Singular values</span>
        <span className="spectrum-key energy-key">Cumulative energy</span>
        <span className="readout">{readout}</span>
      </figcaption>
    </figure>
  );
}

function xOf(index: number, count: number): number {
  return MARGIN.left + (count > 1 ? index / (count - 1) : 0.5) * PLOT.width;
}

function yOf(height: number): number {
  return BOTTOM - height * PLOT.height;
}

function pointsOf(values: readonly number[], height: (value: number) => number): string {
  const points = values.map((value, k) => `${xOf(k, values.length).toFixed(1)},${yOf(height(value)).toFixed(1)}`);
  // A single value is a line across, else there would be nothing to see.
  const [only = ''] = points;
  return points.length > 1
    ? points.join(' ')
    : `${MARGIN.left},${only.split(',')[1]} ${MARGIN.left + PLOT.width},${only.split(',')[1]}`;
}

function indexAt(event: PointerEvent<SVGSVGElement>, count: number): number {
  const box = event.currentTarget.getBoundingClientRect();
  // The picture keeps its proportions, in the middle of the box.
  const scale = Math.min(box.width / WIDTH, box.height / HEIGHT);
  const x = (event.clientX - box.left - (box.width - WIDTH * scale) / 2) / scale;
  const share = (x - MARGIN.left) / PLOT.width;
  return Math.round(Math.min(1, Math.max(0, share)) * (count - 1));
}

function summaryOf({ values }: Spectrum, energy: readonly number[]): string {
  const from = formatStatistic(values[0] ?? null);
  const to = formatStatistic(values.at(-1) ?? null);
  return `${formatCount(values.length)} values from ${from} to ${to}, with ${formatShare(energy.at(-1) ?? 0, 1)} of the energy.`;
}

function readValue({ values, errors }: Spectrum, energy: readonly number[], index: number): string {
  const value = formatStatistic(values[index] ?? null);
  const error = formatError(errors[index] ?? 0);
  return `Value ${formatCount(index + 1)}: ${value} ± ${error}; up to here ${formatShare(energy[index] ?? 0, 1)} of the energy`;
}

function Axes({ range, count }: { readonly range: Range; readonly count: number }) {
  const indices = linearTicks(1, count, 7).filter((tick) => Number.isInteger(tick) && tick >= 1);
  return (
    <g className="axis">
      {valueTicks(range).map((tick) => {
        const y = yOf(heightOf(tick, range));
        return (
          <g key={tick}>
            <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y} y2={y} />
            <text x={MARGIN.left - 6} y={y + 3.5} textAnchor="end">
              {formatTick(tick)}
            </text>
          </g>
        );
      })}
      {SHARES.map((share) => (
        <text key={share} x={WIDTH - MARGIN.right + 6} y={yOf(share) + 3.5} className="energy-text">
          {share * 100} %
        </text>
      ))}
      <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={BOTTOM} y2={BOTTOM} className="baseline" />
      {(indices.length > 0 ? indices : [1]).map((tick) => (
        <text key={tick} x={xOf(tick - 1, count)} y={BOTTOM + 16} textAnchor="middle">
          {formatCount(tick)}
        </text>
      ))}
    </g>
  );
}

function Cursor({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <g className="spectrum-cursor">
      <line x1={x} x2={x} y1={MARGIN.top} y2={BOTTOM} />
      <circle cx={x} cy={yOf(y)} r={3.5} />
    </g>
  );
}
