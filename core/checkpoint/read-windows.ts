import type { SourceRange } from './byte-source.ts';

/** Small ranges that lie nearer to each other than this are read as one: a call costs as much as some pages. */
const NEAR = 16 * 1024;
/** As large as such a read becomes. */
const MAX_WINDOW = 1024 * 1024;

/** Bytes `[start, stop)` that are read at once, and the ranges, by their index, that lie in them. */
export interface ReadWindow {
  readonly start: number;
  stop: number;
  readonly members: number[];
}

/** What is read for `ranges`: a window for each that lies apart, one for those that are near each other. */
export function windowsOf(ranges: readonly SourceRange[]): ReadWindow[] {
  const windows: ReadWindow[] = [];
  const order = Array.from(ranges.keys()).sort((a, b) => (ranges[a]?.start ?? 0) - (ranges[b]?.start ?? 0));
  for (const index of order) {
    const { start, nbytes } = ranges[index] ?? { start: 0, nbytes: 0 };
    const last = windows.at(-1);
    const stop = start + nbytes;
    if (last && start <= last.stop + NEAR && Math.max(stop, last.stop) - last.start <= MAX_WINDOW) {
      last.stop = Math.max(last.stop, stop);
      last.members.push(index);
    } else windows.push({ start, stop, members: [index] });
  }
  return windows;
}
