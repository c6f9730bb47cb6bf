import type { Entry } from '../../checkpoint/checkpoint.ts';
import { plainRuns } from '../../checkpoint/unpack/plain-runs.ts';
import type { ByteRun } from '../../checkpoint/unpack/stored-bytes.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../../ndarray/lazy-tensor.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { DocumentState } from '../state/document-state.ts';
import { stepsOf, type TensorState } from '../state/tensor-state.ts';
import { changedRuns, type ElementRun } from './changed-runs.ts';
import type { Segment } from './content.ts';
import type { SaveSubject } from './format-writer.ts';

/** The tensor as the file stores it; null for one that the file does not hold. */
export function storedOf({ state }: Pick<SaveSubject, 'state'>, { id }: TensorState): Entry | null {
  return state.stored(id);
}

/** Whether a tensor has the dtype and the shape that the file stores, so that its elements can take their places. */
export function keepsItsPlace({ dtype, value }: TensorState, stored: Entry): boolean {
  return dtype === stored.dtype && (!value || value.entry.shape.join() === stored.shape.join());
}

/** Which elements may differ from the stored ones, in order; none where no edit touched the tensor. */
export function changedElements(state: DocumentState, tensor: TensorState): readonly ElementRun[] {
  if (tensor.steps === null) return [];
  const { shape } = state.lazy(tensor.id);
  const steps = stepsOf(tensor).map(({ step }) => step);
  return changedRuns(shape, steps) ?? [{ start: 0, count: elementCount(shape) }];
}

/** A part of a file whose elements are those of a tensor from `start` on. */
export interface ElementPlace {
  readonly start: number;
  readonly count: number;
  /** Byte position of element `start`. */
  readonly to: number;
}

/** What of the elements `changed` lies in `place`. */
export function segmentsAt(tensor: LazyTensor, place: ElementPlace, changed: readonly ElementRun[]): Segment[] {
  const itemsize = bytesFor(resultDType(tensor), 1);
  const stop = place.start + place.count;
  const segments: Segment[] = [];
  for (const run of changed) {
    const first = Math.max(run.start, place.start);
    const last = Math.min(run.start + run.count, stop);
    if (first >= last) continue;
    const to = place.to + (first - place.start) * itemsize;
    segments.push({ kind: 'elements', to, tensor, start: first, count: last - first });
  }
  return segments;
}

/** Where the elements of a stored tensor lie as they are; null where they do not, or an element lies on two sides of a cut. */
export function elementPlaces(stored: Entry): (ElementPlace & { readonly file: number })[] | null {
  const runs = plainRuns(stored);
  return runs && placesOf(runs, bytesFor(stored.dtype, 1));
}

function placesOf(runs: readonly ByteRun[], itemsize: number): (ElementPlace & { readonly file: number })[] | null {
  const places: (ElementPlace & { readonly file: number })[] = [];
  let start = 0;
  for (const { file, offset, nbytes } of runs) {
    if (nbytes % itemsize !== 0) return null;
    const count = nbytes / itemsize;
    places.push({ file, start, count, to: offset });
    start += count;
  }
  return places;
}
