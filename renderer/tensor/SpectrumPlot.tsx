import type { PointerEvent } from 'react';
import { Baseline, Level, Place } from '../chart/axes.tsx';
import { frameOf } from '../chart/frame.ts';
import { ReadablePlot } from '../chart/ReadablePlot.tsx';
import { formatTick, linearTicks } from '../chart/ticks.ts';
import { useCursor } from '../chart/use-cursor.ts';
import type { Spectrum } from '../contract.ts';
import { formatCount, formatShare, formatStatistic } from '../format/numbers.ts';
import { cumulativeEnergy, formatError, heightOf, rangeOf, valueTicks } from './spectrum-scale.ts';

const FRAME = frameOf(220, { left: 56, right: 52, top: 10, bottom: 24 });
const SHARES = [0, 0.25, 0.5, 0.75, 1];

type Range = readonly [low: number, high: number];

/** Values fall over their index, by their logarithm; energy rises. One is read by pointing at it, or with the arrow keys. */
export function SpectrumPlot({ spectrum }: { readonly spectrum: Spectrum }) {
  const range = rangeOf(spectrum);
  const energy = cumulativeEnergy(spectrum);
  const { values } = spectrum;
  const count = values.length;
  const cursor = useCursor({
    count,
    summary: summaryOf(spectrum, energy),
    read: (index) => readValue(spectrum, energy, index),
  });
  if (range === null) return <p className="readout">All singular values are 0.</p>;
  const { at, readout, moveTo } = cursor;
  return (
    <figure className="spectrum-plot">
      <ReadablePlot
        frame={FRAME}
        cursor={cursor}
        title="Spectrum"
        cursorLabel="Singular value"
        onPointerMove={(event) => moveTo(indexAt(event, count))}
      >
        <Axes range={range} count={count} />
        <polyline className="energy-line" points={pointsOf(energy, (share) => share)} />
        <polyline className="value-line" points={pointsOf(values, (value) => heightOf(value, range))} />
        {at !== null && <Mark x={xOf(at, count)} y={yOf(heightOf(values[at] ?? 0, range))} />}
      </ReadablePlot>
      <figcaption>
        <span className="spectrum-key sigma-key">Singular values</span>
        <span className="spectrum-key energy-key">Cumulative energy</span>
        <span className="readout">{readout}</span>
      </figcaption>
    </figure>
  );
}

function xOf(index: number, count: number): number {
  return FRAME.left + (count > 1 ? index / (count - 1) : 0.5) * FRAME.width;
}

function yOf(height: number): number {
  return FRAME.bottom - height * FRAME.height;
}

function pointsOf(values: readonly number[], height: (value: number) => number): string {
  const points = values.map((value, k) => `${xOf(k, values.length).toFixed(1)},${yOf(height(value)).toFixed(1)}`);
  // A single value is a line across, else there would be nothing to see.
  const [only = ''] = points;
  return points.length > 1
    ? points.join(' ')
    : `${FRAME.left},${only.split(',')[1]} ${FRAME.right},${only.split(',')[1]}`;
}

function indexAt(event: PointerEvent<SVGSVGElement>, count: number): number {
  const box = event.currentTarget.getBoundingClientRect();
  // The picture keeps its proportions, in the middle of the box.
  const scale = Math.min(box.width / FRAME.pictureWidth, box.height / FRAME.pictureHeight);
  const x = (event.clientX - box.left - (box.width - FRAME.pictureWidth * scale) / 2) / scale;
  const share = (x - FRAME.left) / FRAME.width;
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
      {valueTicks(range).map((tick) => (
        <Level key={tick} frame={FRAME} y={yOf(heightOf(tick, range))} label={formatTick(tick)} />
      ))}
      {SHARES.map((share) => (
        <text key={share} x={FRAME.right + 6} y={yOf(share) + 3.5} className="energy-text">
          {share * 100} %
        </text>
      ))}
      <Baseline frame={FRAME} />
      {(indices.length > 0 ? indices : [1]).map((tick) => (
        <Place key={tick} frame={FRAME} x={xOf(tick - 1, count)} label={formatCount(tick)} />
      ))}
    </g>
  );
}

/** The value that is read. */
function Mark({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <g className="spectrum-mark">
      <line x1={x} x2={x} y1={FRAME.top} y2={FRAME.bottom} />
      <circle cx={x} cy={y} r={3.5} />
    </g>
  );
}
