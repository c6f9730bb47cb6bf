/**
 * Dense linear algebra in float64 for spectra, compiled to a module of its own: its memory is shared by all workers of
 * a job, and the job lays it out (core/stats/spectrum/layout.ts). The module keeps no state.
 */

export * from './spectrum/bidiagonal';
export * from './spectrum/columns';
export * from './spectrum/gaussian';
export * from './spectrum/jacobi';
export * from './spectrum/products';
export * from './spectrum/reflections';
