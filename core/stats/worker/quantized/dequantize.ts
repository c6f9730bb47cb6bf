import { UnsupportedDTypeError } from '../../../errors.ts';
import type { QuantizedDType } from '../../../ndarray/dtype.ts';
import type { Kernels } from '../kernel-memory.ts';

/** Turns the blocks that hold `n` elements into float64 lanes, with the float32 values of ggml's reference. */
export function dequantize(
  _kernels: Kernels,
  dtype: QuantizedDType,
  _run: { readonly src: number; readonly dst: number; readonly n: number },
): void {
  throw new UnsupportedDTypeError(`Blocks of ${dtype} cannot be dequantized by this version.`, { dtype });
}
