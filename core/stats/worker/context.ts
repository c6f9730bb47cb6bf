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

/** A range of elements; `share` is the part of the job's work that this pass over it is. */
export interface Pass extends ElementRange {
  readonly share?: number;
}

type Visit = (start: number, count: number) => void;

function forEachPart(context: PieceContext, pass: Pass, most: number, visit: Visit): void {
  const bits = context.tensors.reduce((sum, tensor) => sum + tensor.storedBits, 0);
  const stop = pass.start + pass.count;
  for (let start = pass.start; start < stop; start += most) {
    const count = Math.min(most, stop - start);
    visit(start, count);
    context.advance(((count * bits) / 8) * (pass.share ?? 1));
  }
}

/** Calls `visit` for each chunk of a range in order. */
export function forEachChunk(context: PieceContext, pass: Pass, visit: Visit): void {
  forEachPart(context, pass, CHUNK_ELEMENTS, visit);
}

/** As `forEachChunk`, in the larger steps in which elements come that are worked on as they are stored. */
export function forEachStored(context: PieceContext, pass: Pass, visit: Visit): void {
  forEachPart(context, pass, Math.min(...context.tensors.map((tensor) => tensor.mostStored)), visit);
}

export function isComplex(dtype: DType): boolean {
  return dtypeInfo(dtype).kind === 'complex';
}
