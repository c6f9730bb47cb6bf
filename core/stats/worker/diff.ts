import { bytesFor } from '../../ndarray/dtype.ts';
import { COMPARE_FIELDS } from '../difference.ts';
import type { CellEncoding } from '../engine.ts';
import { lanesOf } from '../lanes.ts';
import type { PieceOf, PieceResults } from '../messages.ts';
import { forEachChunk, forEachStored, type PieceContext, tensorOf } from './context.ts';
import { ADDRESS, type KernelMemory, type Kernels } from './kernel-memory.ts';
import { toFloat64 } from './moments.ts';

type RealLanes = Exclude<CellEncoding, 'complex128'>;

/** By the lanes of either side; of complex numbers beside real ones these become complex. */
const COMPARE = {
  float64: { float64: 'compareF64', int64: 'compareF64I64', uint64: 'compareF64U64' },
  int64: { float64: 'compareI64F64', int64: 'compareI64', uint64: 'compareI64U64' },
  uint64: { float64: 'compareU64F64', int64: 'compareU64I64', uint64: 'compareU64' },
} as const satisfies Record<RealLanes, Record<RealLanes, keyof Kernels>>;

function kernelFor(a: CellEncoding, b: CellEncoding) {
  return a === 'complex128' || b === 'complex128' ? 'compareC128' : COMPARE[a][b];
}

function makeComplex(memory: KernelMemory, from: CellEncoding, { at, n }: { at: number; n: number }): void {
  if (from === 'complex128') return;
  toFloat64(memory, from, { at, n });
  memory.kernels.realToComplex(at, at, n);
}

/** The record of core/stats/kernels/compare-record.ts for a range of both tensors. */
export function diff(context: PieceContext, piece: PieceOf<'diff'>): PieceResults['diff'] {
  const { memory } = context;
  const { kernels } = memory;
  const [a, b] = [tensorOf(context, 0), tensorOf(context, 1)];
  const [lanesA, lanesB] = [lanesOf(a.dtype), lanesOf(b.dtype)];
  const kernel = kernelFor(lanesA, lanesB);
  const { absolute, relative } = piece.tolerance ?? { absolute: Number.POSITIVE_INFINITY, relative: 0 };
  let identical = a.dtype === b.dtype;
  kernels.compareReset(ADDRESS.record, absolute, relative);
  const single = a.dtype === 'float32' && b.dtype === 'float32';
  const visitAll = single ? forEachStored : forEachChunk;
  visitAll(context, piece, (start, n) => {
    const [x, y] = [a.storage(start, n), b.storage(start, n)];
    identical &&= kernels.sameBytes(x, y, bytesFor(a.dtype, n)) === 1;
    if (single) {
      kernels.compareF32(x, y, n, ADDRESS.record, start, ADDRESS.block);
      return;
    }
    const [left, right] = [a.decodeStored(x, n), b.decodeStored(y, n)];
    if (kernel === 'compareC128') {
      makeComplex(memory, lanesA, { at: left, n });
      makeComplex(memory, lanesB, { at: right, n });
    }
    kernels[kernel](left, right, n, ADDRESS.record, start);
  });
  const record = memory.f64.slice(ADDRESS.record / 8, ADDRESS.record / 8 + COMPARE_FIELDS);
  return { record, identical };
}
