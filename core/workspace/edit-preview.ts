import { ParascopeError } from '../errors.ts';
import { DTYPES, type DType } from '../ndarray/dtype.ts';
import type { Document } from './contract.ts';
import type { Step } from './history.ts';
import type { EditPreview } from './summary.ts';

/** Of what people read before they say yes. */
const MAX_LISTED = 200;

export function previewOf({ label, tensors, change, tied = [] }: Step, objection: string | null): EditPreview {
  const renames: { from: string; to: string }[] = [];
  let left = 0;
  for (const { before, after } of change.tensors) {
    if (!before || !after || before.name === after.name) continue;
    if (renames.length < MAX_LISTED) renames.push({ from: before.name, to: after.name });
    else left += 1;
  }
  const names = change.tensors.slice(0, MAX_LISTED).map(({ before, after }) => (after ?? before)?.name ?? '');
  return { label, tensors, names, renames, renamesLeft: left, tied: tied.slice(0, MAX_LISTED), objection };
}

/** The dtypes that all of the tensors can be cast to so that the document's file could hold them; those that they have are left out. */
export async function castTargets(document: Document, names: readonly string[]): Promise<DType[]> {
  const targets: DType[] = [];
  for (const dtype of DTYPES) {
    const preview = await document.preview({ kind: 'cast', select: [...names], dtype }).catch(nullIfRefused);
    if (preview && preview.tensors > 0 && preview.objection === null) targets.push(dtype);
  }
  return targets;
}

function nullIfRefused(error: unknown): null {
  if (error instanceof ParascopeError) return null;
  throw error;
}
