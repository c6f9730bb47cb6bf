import { useState } from 'react';

interface Readable {
  /** Of the bars or points of a plot. */
  readonly count: number;
  /** What is read of the plot as a whole. */
  readonly summary: string;
  /** What is read of one of them. */
  readonly read: (at: number) => string;
}

/** Which of a plot's bars or points is read, and what. */
export interface Cursor extends Pick<Readable, 'count' | 'summary'> {
  /** Null where the plot is read as a whole. */
  readonly at: number | null;
  readonly readout: string;
  readonly moveTo: (at: number | null) => void;
}

export function useCursor({ count, summary, read }: Readable): Cursor {
  const [wanted, moveTo] = useState<number | null>(null);
  const at = wanted === null || count === 0 ? null : Math.min(wanted, count - 1);
  return { count, summary, at, readout: at === null ? summary : read(at), moveTo };
}
