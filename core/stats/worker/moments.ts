import { lanesOf } from '../lanes.ts';
import type { PieceResults } from '../messages.ts';
import { MOMENTS_FIELDS } from '../moments.ts';
import { forEachChunk, forEachStored, isComplex, type Pass, type PieceContext, tensorOf } from './context.ts';
import { foundCounts } from './found-counts.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';

const PREFIXES = 65_536;
const PREFIX_TABLE = { at: ADDRESS.codeCounts, entries: PREFIXES };

/** 64-bit integers to float64 lanes in place; other lanes are that already. */
export function toFloat64({ kernels }: KernelMemory, lanes: string, { at, n }: { at: number; n: number }): void {
  if (lanes === 'int64') kernels.i64ToF64(at, at, n);
  else if (lanes === 'uint64') kernels.u64ToF64(at, at, n);
}

/**
 * The record of core/stats/kernels/moment-record.ts for a range of elements, and how often each float32 prefix occurs;
 * of complex values none.
 */
export function moments(context: PieceContext, range: Pass): PieceResults['moments'] {
  const { memory } = context;
  const { kernels } = memory;
  const { record, codeCounts, block } = ADDRESS;
  const tensor = tensorOf(context);
  const { dtype } = tensor;
  kernels.momentsReset(record);
  memory.u32.fill(0, codeCounts / 4, codeCounts / 4 + PREFIXES);
  if (dtype === 'float32') {
    forEachStored(context, range, (start, n) => {
      kernels.momentsF32(tensor.storage(start, n), n, record, codeCounts, block);
    });
    kernels.negativesF32(record, codeCounts);
  } else {
    forEachChunk(context, range, (start, n) => {
      const at = tensor.lanes(start, n);
      if (isComplex(dtype)) {
        kernels.countComplex(at, n, record);
        return;
      }
      toFloat64(memory, lanesOf(dtype), { at, n });
      kernels.momentsF64(at, n, record);
      kernels.countPrefixesF64(at, n, codeCounts);
    });
  }
  const found = foundCounts(memory, PREFIX_TABLE);
  return { record: memory.f64.slice(record / 8, record / 8 + MOMENTS_FIELDS), ...found };
}
