import type { ReactNode } from 'react';
import type { Frame } from './frame.ts';
import type { Cursor } from './use-cursor.ts';

interface BinProps {
  readonly frame: Frame;
  readonly cursor: Cursor;
  readonly at: number;
  /** Drawn in it: its bar. */
  readonly children: ReactNode;
}

/** One of the equal stretches of a plot's axis; pointing anywhere above it reads it. */
export function Bin({ frame, cursor, at, children }: BinProps) {
  const width = frame.width / cursor.count;
  return (
    <g className={at === cursor.at ? 'bin current' : 'bin'} onPointerEnter={() => cursor.moveTo(at)}>
      <rect className="bin-target" x={frame.left + at * width} y={frame.top} width={width} height={frame.height} />
      {children}
    </g>
  );
}
