/**
 * The element loops of the statistics workers, compiled to one WASM module. Every function works on
 * addresses that the caller chose (core/stats/worker/kernel-memory.ts); the module keeps no state.
 */

export * from './bin-pairs';
export * from './bins';
export * from './compare';
export * from './compare-integers';
export { compareReset } from './compare-record';
export { collectCounts, count8, count16, countPrefixesF64 } from './counts';
export * from './decode';
export * from './encode';
export * from './lanes';
export { survey } from './matrix';
export { momentsReset } from './moment-record';
export { momentsF32, negativesF32 } from './moments-f32';
export { countComplex, momentsF64 } from './moments-f64';
export * from './quantized/blocks-of-32';
export * from './quantized/grids';
export * from './quantized/k-quants';
export * from './quantized/quantize';
export * from './quantized/ternary';
export * from './reduce';
export * from './select';
export * from './subtract';
export * from './tally';
