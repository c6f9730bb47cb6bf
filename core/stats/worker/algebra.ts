import { readFileSync } from 'node:fs';
import type { SharedMemory } from '../spectrum/shared-memory.ts';

/** Node has it; the libraries of TypeScript know it only beside the DOM. */
declare const WebAssembly: {
  readonly Module: new (source: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/** The exports of spectrum.wasm; addresses and strides in bytes. */
interface AlgebraKernels {
  readonly multiplyAdd: (
    ...args: [a: number, rowStride: number, stepStride: number, rows: number, steps: number, panel: number, out: number]
  ) => void;
  readonly columnsOfPanel: (panel: number, rows: number, columns: number) => void;
  readonly panelOfColumns: (columns: number, rows: number, panel: number) => void;
  readonly dot: (x: number, y: number, n: number) => number;
  readonly addScaled: (y: number, x: number, n: number, factor: number) => void;
  readonly scale: (x: number, n: number, factor: number) => void;
  readonly transpose: (
    ...args: [src: number, stride: number, rows: number, columns: number, out: number, outStride: number]
  ) => void;
  readonly gaussian: (out: number, n: number, seed: bigint, first: bigint) => void;
  readonly absorbRows: (r: number, n: number, block: number, stride: number, rows: number, work: number) => void;
  readonly absorbTriangle: (r: number, n: number, other: number, work: number) => void;
  readonly bidiagonalStep: (
    ...args: [a: number, n: number, k: number, diagonal: number, beside: number, work: number]
  ) => void;
  readonly countBelow: (diagonal: number, beside: number, n: number, shifts: number, counts: number) => void;
  readonly rotateWithOthers: (
    ...args: [
      columns: number,
      first: number,
      count: number,
      n: number,
      squares: number,
      tolerance: number,
      least: number,
    ]
  ) => number;
}

/** Kernels that compute in a job's shared memory, and a view of it. */
export interface Algebra {
  readonly kernels: AlgebraKernels;
  readonly f64: Float64Array;
}

let module: object | null = null;

export function algebraIn(memory: SharedMemory): Algebra {
  module ??= new WebAssembly.Module(readFileSync(new URL('../kernels/spectrum.wasm', import.meta.url)));
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { kernels: instance.exports as unknown as AlgebraKernels, f64: new Float64Array(memory.buffer) };
}
