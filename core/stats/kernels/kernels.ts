/**
 * The element loops of the statistics workers, compiled to one WASM module. Every function works on
 * addresses that the caller chose (core/stats/worker/kernel-memory.ts); the module keeps no state.
 */

export * from './bin-pairs';
export * from './bins';
export * from './compare';
export * from './compare-integers';
export { compareReset } from './compare-record';
export * from './counts';
export * from './decode';
export * from './encode';
export * from './lanes';
export * from './moments';
export * from './quantized/blocks-of-32';
export * from './quantized/grids';
export * from './quantized/k-quants';
export * from './quantized/quantize';
export * from './quantized/ternary';
export * from './reduce';
export * from './select';
export * from './subtract';
