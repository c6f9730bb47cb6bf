import { lanesOf } from '../lanes.ts';
import type { PieceOf, PieceResults } from '../messages.ts';
import { forEachChunk, forEachStored, type PieceContext, tensorOf } from './context.ts';
import { foundCounts } from './found-counts.ts';
import { ADDRESS } from './kernel-memory.ts';
import { toFloat64 } from './moments.ts';

const DIGITS = 65_536;

/** Passes chunks of float32 values as they are stored, of other dtypes as float64 lanes. */
function forEachValues(
  context: PieceContext,
  range: { readonly start: number; readonly count: number },
  visit: (at: number, n: number) => void,
): void {
  const tensor = tensorOf(context);
  if (tensor.dtype === 'float32') {
    forEachStored(context, range, (start, n) => visit(tensor.storage(start, n), n));
    return;
  }
  forEachChunk(context, range, (start, n) => {
    const at = tensor.lanes(start, n);
    toFloat64(context.memory, lanesOf(tensor.dtype), { at, n });
    visit(at, n);
  });
}

/** How the bit patterns that begin with one of some prefixes go on. */
export function digits(context: PieceContext, piece: PieceOf<'digits'>): PieceResults['digits'] {
  const { memory } = context;
  const { prefixes, digitTables } = ADDRESS;
  const wanted = piece.prefixes.length;
  new BigUint64Array(memory.bytes.buffer, prefixes, wanted).set(piece.prefixes);
  memory.bytes.fill(0, digitTables, digitTables + wanted * DIGITS * 4);
  const single = tensorOf(context).dtype === 'float32';
  const count = single ? memory.kernels.countDigitsF32 : memory.kernels.countDigitsF64;
  forEachValues(context, piece, (at, n) => count(at, n, piece.known, prefixes, wanted, digitTables));
  const found = piece.prefixes.map((_, k) =>
    foundCounts(memory, { at: digitTables + k * DIGITS * 4, entries: DIGITS }),
  );
  let end = 0;
  const ends = Uint32Array.from(found, ({ codes }) => {
    end += codes.length;
    return end;
  });
  return {
    codes: Uint16Array.from(found.flatMap(({ codes }) => Array.from(codes))),
    counts: Uint32Array.from(found.flatMap(({ counts }) => Array.from(counts))),
    ends,
  };
}

/** Counts between free edges the values whose prefix alone does not tell: core/stats/edges.ts. */
export function straddlers(context: PieceContext, piece: PieceOf<'straddlers'>): Uint32Array {
  const { memory } = context;
  const { edges, binCounts, prefixSlots } = ADDRESS;
  const top = piece.edges.length - 1;
  memory.f64.set(piece.edges, edges / 8);
  const slots = piece.slots;
  memory.bytes.set(new Uint8Array(slots.buffer, slots.byteOffset, slots.byteLength), prefixSlots);
  const counts = memory.u32.subarray(binCounts / 4, binCounts / 4 + top + 2).fill(0);
  const single = tensorOf(context).dtype === 'float32';
  const bin = single ? memory.kernels.binStraddlersF32 : memory.kernels.binStraddlersF64;
  forEachValues(context, piece, (at, n) => bin(at, n, prefixSlots, edges, top, binCounts));
  return counts.slice();
}
