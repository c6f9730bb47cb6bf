import { isQuantized } from '../ndarray/dtype.ts';
import type { FormatWriter, SaveSubject } from './save/format-writer.ts';
import { ownWriter } from './save/writers.ts';
import type { Change } from './state/tensor-state.ts';

/** Why the file under `subject` could not hold what `change` makes of it, and what can; null where it could. */
export function objectionTo(subject: SaveSubject, change: Change): string | null {
  const writer = ownWriter(subject.checkpoint);
  if (!writer) return null;
  const reason = writer.objection?.(subject, change) ?? null;
  return reason === null
    ? quantizedObjection(writer, change)
    : `${reason} Save as safetensors first, then make the edit there.`;
}

/** Formats of blocks are GGUF's own. */
function quantizedObjection({ holds, label }: FormatWriter, { tensors }: Change): string | null {
  for (const { before, after } of tensors) {
    if (!after || after.dtype === before?.dtype || !isQuantized(after.dtype) || holds?.(after.dtype)) continue;
    return `A ${label} file cannot hold ${after.dtype} ('${after.name}'). Save as GGUF first, then cast it there.`;
  }
  return null;
}
