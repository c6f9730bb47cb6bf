import { type OriginalFile, type Segment, segmentBytes } from './content.ts';

/** A run of an old file that goes to a new one. */
export interface CopiedRun {
  readonly file: OriginalFile;
  readonly from: number;
  readonly nbytes: number;
  readonly to: number;
}

/** A copy of `run` with `patches` in place of what they cover; they lie within it, in the new file's positions. */
export function patchedCopy({ file, from, nbytes, to }: CopiedRun, patches: readonly Segment[]): Segment[] {
  const segments: Segment[] = [];
  let at = to;
  const copyUpTo = (stop: number): void => {
    if (stop > at) segments.push({ kind: 'copy', to: at, file, from: from + (at - to), nbytes: stop - at });
  };
  for (const patch of patches.toSorted((a, b) => a.to - b.to)) {
    copyUpTo(patch.to);
    segments.push(patch);
    at = patch.to + segmentBytes(patch);
  }
  copyUpTo(to + nbytes);
  return segments;
}
