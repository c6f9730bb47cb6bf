import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { ElementRange } from '../messages.ts';
import type { Evaluator } from './evaluator.ts';
import { CHUNK_ELEMENTS, type KernelMemory } from './kernel-memory.ts';

/** What a piece of work has at hand. */
export interface PieceContext {
  readonly memory: KernelMemory;
  /** The tensors of the job: one, or two to compare. */
  readonly tensors: readonly Evaluator[];
  /** Reports stored bytes as done; throws `CancelledError` once the job is cancelled. */
  advance(bytes: number): void;
}

export function tensorOf(context: PieceContext, index = 0): Evaluator {
  const tensor = context.tensors[index];
  if (tensor === undefined) throw new RangeError(`The job was opened without tensor ${index}.`);
  return tensor;
}

export function wholeRange(tensor: Evaluator): ElementRange {
  return { start: 0, count: elementCount(tensor.shape) };
}

/** Calls `visit` for each chunk of `range` in order. `share` is the part of the job's work that this pass is. */
export function forEachChunk(
  context: PieceContext,
  range: ElementRange & { readonly share?: number },
  visit: (start: number, count: number) => void,
): void {
  const bits = context.tensors.reduce((sum, tensor) => sum + tensor.storedBits, 0);
  const stop = range.start + range.count;
  for (let start = range.start; start < stop; start += CHUNK_ELEMENTS) {
    const count = Math.min(CHUNK_ELEMENTS, stop - start);
    visit(start, count);
    context.advance(((count * bits) / 8) * (range.share ?? 1));
  }
}

export function isComplex(dtype: DType): boolean {
  return dtypeInfo(dtype).kind === 'complex';
}
