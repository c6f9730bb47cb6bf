import type { PointerEvent, ReactNode } from 'react';
import type { Frame } from './frame.ts';
import type { Cursor } from './use-cursor.ts';
import './plot.css';

interface ReadablePlotProps {
  readonly frame: Frame;
  readonly cursor: Cursor;
  /** What the picture is of. */
  readonly title: string;
  /** What the cursor chooses among. */
  readonly cursorLabel: string;
  readonly onPointerMove?: (event: PointerEvent<SVGSVGElement>) => void;
  /** Drawn in the picture. */
  readonly children: ReactNode;
}

/** A picture whose parts are read with the arrow keys: a slider that nobody sees, which its readout goes with. */
export function ReadablePlot({ frame, cursor, title, cursorLabel, onPointerMove, children }: ReadablePlotProps) {
  const { count, at, summary, readout, moveTo } = cursor;
  return (
    <div className="plot">
      <svg
        viewBox={`0 0 ${frame.pictureWidth} ${frame.pictureHeight}`}
        role="img"
        aria-label={`${title}. ${summary}`}
        onPointerMove={onPointerMove}
        onPointerLeave={() => moveTo(null)}
      >
        {children}
      </svg>
      <input
        type="range"
        className="plot-cursor"
        aria-label={cursorLabel}
        aria-valuetext={readout}
        min={0}
        max={Math.max(0, count - 1)}
        value={at ?? 0}
        onChange={(event) => moveTo(Number(event.target.value))}
        onFocus={() => moveTo(at ?? 0)}
        onBlur={() => moveTo(null)}
      />
    </div>
  );
}
