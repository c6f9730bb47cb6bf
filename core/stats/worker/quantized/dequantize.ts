import { BLOCK_FORMATS, type QuantizedDType } from '../../../ndarray/quantized/block-formats.ts';
import { GRID_NAMES, type GridName, gridBytes, unpackGrid } from '../../../ndarray/quantized/grids.ts';
import { ADDRESS, type KernelMemory, type Kernels } from '../kernel-memory.ts';

type Dequantize = (kernels: Kernels, src: number, dst: number, blocks: number) => void;

/** Where a grid begins in the worker's memory. */
function gridAddress(name: GridName): number {
  const before = GRID_NAMES.slice(0, GRID_NAMES.indexOf(name));
  return before.reduce((at, grid) => at + gridBytes(grid), ADDRESS.grids);
}

/** The IQ formats whose kernels take points from a grid. */
const GRID_OF: Partial<Record<QuantizedDType, GridName>> = {
  iq2_xxs: 'iq2_xxs',
  iq2_xs: 'iq2_xs',
  iq2_s: 'iq2_s',
  iq3_xxs: 'iq3_xxs',
  iq3_s: 'iq3_s',
  iq1_s: 'iq1',
  iq1_m: 'iq1',
};

/** Unpacks the grid that a dtype's kernel takes points from, where it has one. */
export function writeGrid(memory: KernelMemory, dtype: QuantizedDType): void {
  const name = GRID_OF[dtype];
  if (name !== undefined) memory.bytes.set(new Uint8Array(unpackGrid(name).buffer), gridAddress(name));
}

const DEQUANTIZE: Record<QuantizedDType, Dequantize> = {
  q1_0: (k, src, dst, n) => k.dequantizeQ1x0(src, dst, n),
  q4_0: (k, src, dst, n) => k.dequantizeQ4x0(src, dst, n),
  q4_1: (k, src, dst, n) => k.dequantizeQ4x1(src, dst, n),
  q5_0: (k, src, dst, n) => k.dequantizeQ5x0(src, dst, n),
  q5_1: (k, src, dst, n) => k.dequantizeQ5x1(src, dst, n),
  q8_0: (k, src, dst, n) => k.dequantizeQ8x0(src, dst, n),
  q8_1: (k, src, dst, n) => k.dequantizeQ8x1(src, dst, n),
  q2_k: (k, src, dst, n) => k.dequantizeQ2K(src, dst, n),
  q3_k: (k, src, dst, n) => k.dequantizeQ3K(src, dst, n),
  q4_k: (k, src, dst, n) => k.dequantizeQ4K(src, dst, n),
  q5_k: (k, src, dst, n) => k.dequantizeQ5K(src, dst, n),
  q6_k: (k, src, dst, n) => k.dequantizeQ6K(src, dst, n),
  q8_k: (k, src, dst, n) => k.dequantizeQ8K(src, dst, n),
  iq2_xxs: (k, src, dst, n) => k.dequantizeIQ2XXS(src, dst, n, gridAddress('iq2_xxs')),
  iq2_xs: (k, src, dst, n) => k.dequantizeIQ2XS(src, dst, n, gridAddress('iq2_xs')),
  iq2_s: (k, src, dst, n) => k.dequantizeIQ2S(src, dst, n, gridAddress('iq2_s')),
  iq3_xxs: (k, src, dst, n) => k.dequantizeIQ3XXS(src, dst, n, gridAddress('iq3_xxs')),
  iq3_s: (k, src, dst, n) => k.dequantizeIQ3S(src, dst, n, gridAddress('iq3_s')),
  iq1_s: (k, src, dst, n) => k.dequantizeIQ1S(src, dst, n, gridAddress('iq1')),
  iq1_m: (k, src, dst, n) => k.dequantizeIQ1M(src, dst, n, gridAddress('iq1')),
  iq4_nl: (k, src, dst, n) => k.dequantizeIQ4NL(src, dst, n),
  iq4_xs: (k, src, dst, n) => k.dequantizeIQ4XS(src, dst, n),
  tq1_0: (k, src, dst, n) => k.dequantizeTQ1x0(src, dst, n),
  tq2_0: (k, src, dst, n) => k.dequantizeTQ2x0(src, dst, n),
  mxfp4: (k, src, dst, n) => k.dequantizeMXFP4(src, dst, n),
  nvfp4: (k, src, dst, n) => k.dequantizeNVFP4(src, dst, n),
};

/**
 * The float64 lanes of the whole blocks that hold `n` elements: the float32 values of ggml's reference,
 * bit for bit. Writes up to a block more than `n` lanes.
 */
export function dequantize(
  kernels: Kernels,
  dtype: QuantizedDType,
  { src, dst, n }: { readonly src: number; readonly dst: number; readonly n: number },
): void {
  DEQUANTIZE[dtype](kernels, src, dst, Math.ceil(n / BLOCK_FORMATS[dtype].elements));
}
