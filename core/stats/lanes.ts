import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import type { CellEncoding } from './engine.ts';

/** The widest type of a dtype's kind: what its elements are computed and shown in. Lossless for every dtype. */
export function lanesOf(dtype: DType): CellEncoding {
  const { kind, bits } = dtypeInfo(dtype);
  if (kind === 'complex') return 'complex128';
  if (bits === 64 && kind === 'int') return 'int64';
  if (bits === 64 && kind === 'uint') return 'uint64';
  return 'float64';
}

/** Bytes of one lane. */
export function laneBytes(encoding: CellEncoding): number {
  return encoding === 'complex128' ? 16 : 8;
}
