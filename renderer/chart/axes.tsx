import type { Frame } from './frame.ts';

interface LevelProps {
  readonly frame: Frame;
  readonly y: number;
  readonly label: string;
}

/** A line across the plot, and what it stands for beside it. */
export function Level({ frame, y, label }: LevelProps) {
  return (
    <g>
      <line x1={frame.left} x2={frame.right} y1={y} y2={y} />
      <text x={frame.left - 6} y={y + 3.5} textAnchor="end">
        {label}
      </text>
    </g>
  );
}

export function Baseline({ frame }: { readonly frame: Frame }) {
  return <line x1={frame.left} x2={frame.right} y1={frame.bottom} y2={frame.bottom} className="baseline" />;
}

interface PlaceProps {
  readonly frame: Frame;
  readonly x: number;
  readonly label: string;
}

/** What a place on the baseline stands for. */
export function Place({ frame, x, label }: PlaceProps) {
  return (
    <text x={x} y={frame.bottom + 16} textAnchor="middle">
      {label}
    </text>
  );
}
