import { type BinSpec, binEdges, binScale, binsPerUnit } from '../histogram.ts';
import { lanesOf } from '../lanes.ts';
import { forEachChunk, forEachStored, type Pass, type PieceContext, tensorOf } from './context.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';
import { toFloat64 } from './moments.ts';

const LANE_TABLES = 4;

/** The most bins of which two numbers make one index. */
const MOST_PAIRED_BINS = 64;
const PAIR_ENTRIES = 4096;

/** Writes the edges, the last one as infinity, so that the last bin includes its upper edge. */
export function writeEdges(memory: KernelMemory, spec: BinSpec): void {
  memory.f64.set(binEdges(spec), ADDRESS.edges / 8);
  memory.f64[ADDRESS.edges / 8 + spec.bins] = Number.POSITIVE_INFINITY;
}

function tableOf(memory: KernelMemory, entries: number): Uint32Array {
  return memory.u32.subarray(ADDRESS.binCounts / 4, ADDRESS.binCounts / 4 + entries);
}

function addLaneTables(tables: Uint32Array, bins: number): Uint32Array {
  const sum = tables.slice(0, bins);
  for (let k = bins; k < tables.length; k++) sum[k % bins] = (sum[k % bins] ?? 0) + (tables[k] ?? 0);
  return sum;
}

/** How many finite elements of a range fall into each bin. */
export function bins(context: PieceContext, range: Pass & { readonly spec: BinSpec }): Uint32Array {
  const { memory } = context;
  const { kernels } = memory;
  const { spec } = range;
  const tensor = tensorOf(context);
  const perUnit = spec.allFinite ? binsPerUnit(spec) : null;
  if (tensor.dtype === 'float32' && spec.bins <= MOST_PAIRED_BINS && Math.fround(spec.low) === spec.low) {
    const paired = binsPerUnit(spec);
    if (paired !== null) return pairedBins(context, range, paired);
  }
  const { edges, binCounts } = ADDRESS;
  const { low, width, scale } = binScale(spec);
  writeEdges(memory, spec);
  const tables = tableOf(memory, spec.bins * LANE_TABLES).fill(0);
  forEachChunk(context, range, (start, n) => {
    if (tensor.dtype === 'float32' && perUnit !== null) {
      kernels.binF32(tensor.storage(start, n), n, edges, binCounts, spec.bins, spec.low, perUnit);
      return;
    }
    const at = tensor.lanes(start, n);
    toFloat64(memory, lanesOf(tensor.dtype), { at, n });
    if (perUnit !== null) kernels.binF64(at, n, edges, binCounts, spec.bins, spec.low, perUnit);
    else kernels.binCarefully(at, n, edges, binCounts, spec.bins, low, width, scale);
  });
  return addLaneTables(tables, spec.bins);
}

/** As `bins` of float32 values, finite or not, in few bins over a range that begins at a float32. */
function pairedBins(context: PieceContext, range: Pass & { readonly spec: BinSpec }, perUnit: number): Uint32Array {
  const { memory } = context;
  const { spec } = range;
  const { edges, binCounts, binPairs } = ADDRESS;
  const tensor = tensorOf(context);
  writeEdges(memory, spec);
  const table = tableOf(memory, spec.bins).fill(0);
  memory.u32.fill(0, binPairs / 4, binPairs / 4 + PAIR_ENTRIES);
  forEachStored(context, range, (start, n) => {
    const at = tensor.storage(start, n);
    memory.kernels.binPairsF32(at, n, edges, binPairs, binCounts, spec.bins, spec.low, perUnit);
  });
  memory.kernels.foldPairs(binPairs, binCounts);
  return table.slice();
}
