import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';

/** A tensor to be given a place, in the order in which the data lay before. */
export interface PlacedTensor {
  readonly dtype: DType;
  readonly nbytes: number;
  /** Whether its data must begin at a multiple of its element size: it did before, or it is new. */
  readonly aligned: boolean;
}

export interface DataPlacement {
  /** Where each tensor begins, from the first byte of the data; parallel to the input. */
  readonly begins: readonly number[];
  readonly total: number;
  /** True where the old order would have lost an alignment and the data go by descending element size. */
  readonly reordered: boolean;
}

/**
 * Lays tensors end to end. Files are mapped into memory and read in place, so an element that was
 * aligned stays aligned: where the old order cannot keep that, larger elements go first, as in the
 * reference serializer. `base` is the position of the data in the file, modulo 8.
 */
export function placeData(tensors: readonly PlacedTensor[], base: number): DataPlacement {
  const inOrder = endToEnd(
    tensors,
    tensors.map((_, index) => index),
  );
  const kept = tensors.every(
    ({ dtype, nbytes, aligned }, index) =>
      !aligned || nbytes === 0 || (base + (inOrder.begins[index] ?? 0)) % elementBytes(dtype) === 0,
  );
  if (kept) return { ...inOrder, reordered: false };
  const bySize = tensors.map((_, index) => index).sort((a, b) => sizeAt(tensors, b) - sizeAt(tensors, a) || a - b);
  return { ...endToEnd(tensors, bySize), reordered: true };
}

/** Bytes that an element wants to be aligned to; 1 for packed types. */
export function elementBytes(dtype: DType): number {
  return Math.max(1, Math.floor(dtypeInfo(dtype).bits / 8));
}

function endToEnd(tensors: readonly PlacedTensor[], order: readonly number[]): { begins: number[]; total: number } {
  const begins = new Array<number>(tensors.length).fill(0);
  let total = 0;
  for (const index of order) {
    begins[index] = total;
    total += tensors[index]?.nbytes ?? 0;
  }
  return { begins, total };
}

function sizeAt(tensors: readonly PlacedTensor[], index: number): number {
  const dtype = tensors[index]?.dtype;
  return dtype === undefined ? 0 : elementBytes(dtype);
}
