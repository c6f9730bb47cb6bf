import { type BinSpec, binEdges, binScale } from '../histogram.ts';
import { lanesOf } from '../lanes.ts';
import type { ElementRange } from '../messages.ts';
import { forEachChunk, type PieceContext, tensorOf } from './context.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';
import { toFloat64 } from './moments.ts';

/** Bin counts of float64 lanes, or of float32 elements, added to those at `ADDRESS.binCounts`. */
function binner(memory: KernelMemory, spec: BinSpec): (kernel: 'binF32' | 'binF64', src: number, n: number) => void {
  const { low, width, scale } = binScale(spec);
  memory.f64.set(binEdges(spec), ADDRESS.edges / 8);
  return (kernel, src, n) => {
    memory.kernels[kernel](src, n, ADDRESS.edges, ADDRESS.binCounts, spec.bins, low, width, scale);
  };
}

/** How many finite elements of a range fall into each bin. */
export function bins(
  context: PieceContext,
  range: ElementRange & { readonly spec: BinSpec; readonly share?: number },
): Uint32Array {
  const { memory } = context;
  const tensor = tensorOf(context);
  const { dtype } = tensor;
  const counts = memory.u32.subarray(ADDRESS.binCounts / 4, ADDRESS.binCounts / 4 + range.spec.bins);
  counts.fill(0);
  const bin = binner(memory, range.spec);
  forEachChunk(context, range, (start, n) => {
    if (dtype === 'float32') {
      bin('binF32', tensor.storage(start, n), n);
      return;
    }
    const at = tensor.lanes(start, n);
    toFloat64(memory, lanesOf(dtype), { at, n });
    bin('binF64', at, n);
  });
  return counts.slice();
}

/** The bin of each of `n` finite values, as the kernel sees it: one value at a time. */
export function weightedBins(
  memory: KernelMemory,
  spec: BinSpec,
  values: { readonly at: number; readonly counts: Float64Array },
): Float64Array {
  const bin = binner(memory, spec);
  const scratch = memory.u32.subarray(ADDRESS.binCounts / 4, ADDRESS.binCounts / 4 + spec.bins);
  const result = new Float64Array(spec.bins);
  scratch.fill(0);
  values.counts.forEach((count, code) => {
    if (count === 0) return;
    bin('binF64', values.at + code * 8, 1);
    const hit = scratch.indexOf(1);
    if (hit < 0) return;
    scratch[hit] = 0;
    result[hit] = (result[hit] ?? 0) + count;
  });
  return result;
}
