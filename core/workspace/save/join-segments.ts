import { isPacked } from '../../ndarray/dtype.ts';
import type { LazyTensor, TensorStep } from '../../ndarray/lazy-tensor.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { type Segment, segmentBytes } from './content.ts';

/**
 * Joins segments that go on where the one before them ended, in the old file and in the new, and drops
 * empty ones: a checkpoint of 200,000 small tensors is then copied, or cast, as a few long runs.
 */
export function joinSegments(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const segment of segments) {
    if (segmentBytes(segment) === 0) continue;
    const last = joined.at(-1);
    const both = last && last.to + segmentBytes(last) === segment.to ? joinedPair(last, segment) : null;
    if (both) joined[joined.length - 1] = both;
    else joined.push(segment);
  }
  return joined;
}

function joinedPair(last: Segment, next: Segment): Segment | null {
  if (last.kind === 'copy' && next.kind === 'copy') {
    const follows = last.file.path === next.file.path && last.from + last.nbytes === next.from;
    return follows ? { ...last, nbytes: last.nbytes + next.nbytes } : null;
  }
  if (last.kind === 'elements' && next.kind === 'elements' && isWhole(last) && isWhole(next)) {
    const tensor = joinedTensor(last.tensor, next.tensor);
    return tensor && { ...last, tensor, count: elementCount(tensor.shape) };
  }
  return null;
}

function isWhole({ tensor, start, count }: Segment & { kind: 'elements' }): boolean {
  return start === 0 && count === elementCount(tensor.shape);
}

/** Two neighbours in one file to which the same was done are, element for element, one longer tensor. */
function joinedTensor(a: LazyTensor, b: LazyTensor): LazyTensor | null {
  const follows = a.region.path === b.region.path && a.region.offset + a.region.nbytes === b.region.offset;
  if (
    a.derived ||
    b.derived ||
    !follows ||
    a.dtype !== b.dtype ||
    isPacked(a.dtype) ||
    a.sparse ||
    b.sparse ||
    a.packed ||
    b.packed
  )
    return null;
  if (a.steps.length !== b.steps.length || !a.steps.every((step, i) => isSameForAll(step, b.steps[i]))) return null;
  const region = { ...a.region, nbytes: a.region.nbytes + b.region.nbytes };
  return { ...a, shape: [elementCount(a.shape) + elementCount(b.shape)], region };
}

/** A `set` goes by positions in its own tensor. */
function isSameForAll(a: TensorStep, b: TensorStep | undefined): boolean {
  switch (a.kind) {
    case 'cast':
      return b?.kind === 'cast' && a.dtype === b.dtype;
    case 'fill':
      return b?.kind === 'fill' && a.element === b.element;
    case 'scale':
      return b?.kind === 'scale' && a.factor === b.factor;
    case 'set':
      return false;
  }
}
