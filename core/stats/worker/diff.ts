import { bytesFor } from '../../ndarray/dtype.ts';
import { COMPARE_FIELDS } from '../difference.ts';
import type { CellEncoding } from '../engine.ts';
import { lanesOf } from '../lanes.ts';
import type { ElementRange, PieceResults } from '../messages.ts';
import { forEachChunk, type PieceContext, tensorOf } from './context.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';
import { toFloat64 } from './moments.ts';

/** What two kinds of lanes are compared in. */
function commonLanes(a: CellEncoding, b: CellEncoding): CellEncoding {
  if (a === b) return a;
  return a === 'complex128' || b === 'complex128' ? 'complex128' : 'float64';
}

function widen(memory: KernelMemory, from: CellEncoding, { to, at, n }: { to: CellEncoding; at: number; n: number }) {
  if (from === to) return;
  toFloat64(memory, from, { at, n });
  if (to === 'complex128') memory.kernels.realToComplex(at, at, n);
}

const COMPARE = {
  float64: 'compareF64',
  int64: 'compareI64',
  uint64: 'compareU64',
  complex128: 'compareC128',
} as const;

/** The record of core/stats/kernels/compare.ts for a range of both tensors. */
export function diff(context: PieceContext, range: ElementRange): PieceResults['diff'] {
  const { memory } = context;
  const [a, b] = [tensorOf(context, 0), tensorOf(context, 1)];
  const lanes = commonLanes(lanesOf(a.dtype), lanesOf(b.dtype));
  const compare = memory.kernels[COMPARE[lanes]];
  let identical = a.dtype === b.dtype;
  memory.kernels.compareReset(ADDRESS.record);
  forEachChunk(context, range, (start, n) => {
    const [x, y] = [a.storage(start, n), b.storage(start, n)];
    identical &&= memory.kernels.sameBytes(x, y, bytesFor(a.dtype, n)) === 1;
    if (a.dtype === 'float32' && b.dtype === 'float32') {
      memory.kernels.compareF32(x, y, n, ADDRESS.record, ADDRESS.block);
      return;
    }
    const [left, right] = [a.decodeStored(x, n), b.decodeStored(y, n)];
    widen(memory, lanesOf(a.dtype), { to: lanes, at: left, n });
    widen(memory, lanesOf(b.dtype), { to: lanes, at: right, n });
    compare(left, right, n, ADDRESS.record);
  });
  const record = memory.f64.slice(ADDRESS.record / 8, ADDRESS.record / 8 + COMPARE_FIELDS);
  return { record, identical };
}
