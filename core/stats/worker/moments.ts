import { lanesOf } from '../lanes.ts';
import type { ElementRange } from '../messages.ts';
import { MOMENTS_FIELDS } from '../moments.ts';
import { forEachChunk, isComplex, type PieceContext, tensorOf } from './context.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';

/** 64-bit integers to float64 lanes in place; other lanes are that already. */
export function toFloat64({ kernels }: KernelMemory, lanes: string, { at, n }: { at: number; n: number }): void {
  if (lanes === 'int64') kernels.i64ToF64(at, at, n);
  else if (lanes === 'uint64') kernels.u64ToF64(at, at, n);
}

/** The record of core/stats/kernels/moments.ts for a range of elements. */
export function moments(context: PieceContext, range: ElementRange & { readonly share?: number }): Float64Array {
  const { memory } = context;
  const { kernels } = memory;
  const tensor = tensorOf(context);
  const { dtype } = tensor;
  kernels.momentsReset(ADDRESS.record);
  forEachChunk(context, range, (start, n) => {
    if (dtype === 'float32') {
      kernels.momentsF32(tensor.storage(start, n), n, ADDRESS.record, ADDRESS.block);
      return;
    }
    const at = tensor.lanes(start, n);
    if (isComplex(dtype)) {
      kernels.countComplex(at, n, ADDRESS.record);
      return;
    }
    toFloat64(memory, lanesOf(dtype), { at, n });
    kernels.momentsF64(at, n, ADDRESS.record);
  });
  return memory.f64.slice(ADDRESS.record / 8, ADDRESS.record / 8 + MOMENTS_FIELDS);
}
