import type { SparseCounts } from '../count-table.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';

/** The entries of a table of `entries` counts that are not zero. */
export function foundCounts(
  { kernels, bytes }: KernelMemory,
  table: { readonly at: number; readonly entries: number },
): SparseCounts & { readonly counts: Uint32Array } {
  const { foundCodes, foundCounts: counts } = ADDRESS;
  const n = kernels.collectCounts(table.at, table.entries, foundCodes, counts);
  return {
    codes: new Uint16Array(bytes.slice(foundCodes, foundCodes + 2 * n).buffer),
    counts: new Uint32Array(bytes.slice(counts, counts + 4 * n).buffer),
  };
}
