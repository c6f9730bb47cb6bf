import type { SaveSubject } from './save/format-writer.ts';
import { ownWriter } from './save/writers.ts';
import type { Change } from './state/tensor-state.ts';

/** Why the file under `subject` could not hold what `change` makes of it, and what can; null where it could. */
export function objectionTo(subject: SaveSubject, change: Change): string | null {
  const reason = ownWriter(subject.checkpoint)?.objection?.(subject, change) ?? null;
  return reason && `${reason} Save as safetensors first, then make the edit there.`;
}
