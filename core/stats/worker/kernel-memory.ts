import { readFileSync } from 'node:fs';
import type { DType } from '../../ndarray/dtype.ts';
import { GRID_NAMES, gridBytes } from '../../ndarray/quantized/grids.ts';
import { MAX_PIXELS } from '../heatmap-plan.ts';
import { MAX_BINS } from '../histogram.ts';
import { PALETTE_ENTRIES } from '../palette.ts';

/** Node has it; the libraries of TypeScript know it only beside the DOM. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (source: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/** Elements that one evaluation handles: 256 KiB of float32, small enough to stay in the L2 cache with its lanes. */
export const CHUNK_ELEMENTS = 65_536;

/** A range may begin and end most of a block (256 elements) early and late, to start on a whole one. */
const SLACK_ELEMENTS = 512;
const LANE_BYTES = 16;
/** All that a slot holds, of elements that are worked on as they are stored: the page cache gives 1 MiB at up to 1.5 times the rate of 256 KiB. */
export const STORED_BYTES = CHUNK_ELEMENTS * LANE_BYTES;
const SLOT_BYTES = (CHUNK_ELEMENTS + SLACK_ELEMENTS) * LANE_BYTES;

/** Bit patterns of a dtype of 16 bits. */
const CODES = 65_536;

/** Prefixes that one pass of a selection refines. */
export const MAX_PREFIXES = 8;

/** asc keeps its static data in the first page. */
let end = 65_536;

function region(bytes: number): number {
  const start = end;
  end += Math.ceil(bytes / 64) * 64;
  return start;
}

/** Where things lie in the memory of a worker's kernels; fixed, so that views never detach. */
export const ADDRESS = {
  record: region(192),
  /** With room for the edges around zero that an axis of logarithms has before its own. */
  edges: region((MAX_BINS + 3) * 8),
  /** Four tables, one per SIMD lane that counts. */
  binCounts: region(MAX_BINS * 4 * 4),
  /** Counts of pairs of bins: core/stats/kernels/bin-pairs.ts. */
  binPairs: region(4096 * 4),
  /** Tables of 256 float64: one per dtype of a byte or less that is looked up. */
  valueTables: region(12 * 256 * 8),
  /** The points of ggml's IQ formats, one byte per coordinate. */
  grids: region(GRID_NAMES.reduce((bytes, name) => bytes + gridBytes(name), 0)),
  codeCounts: region(CODES * 4),
  /** Of the codes that occur: the codes themselves and their counts, side by side. */
  foundCodes: region(CODES * 2),
  foundCounts: region(CODES * 4),
  /** One table per prefix that a selection refines. */
  digitTables: region(MAX_PREFIXES * CODES * 4),
  prefixes: region(MAX_PREFIXES * 8),
  /** Two uint16 per float32 prefix: the slots between edges that it reaches. */
  prefixSlots: region(CODES * 4),
  palette: region(PALETTE_ENTRIES * 4),
  bounds: region(MAX_PIXELS * 8),
  pixels: region(MAX_PIXELS * 16),
  /** Two blocks of float64, for float32 values that need care. */
  block: region(2 * 4096 * 8),
  /** Packed elements, one byte each. */
  unpacked: region(CHUNK_ELEMENTS + SLACK_ELEMENTS),
  storage: [region(SLOT_BYTES), region(SLOT_BYTES)],
  lanes: [region(SLOT_BYTES), region(SLOT_BYTES)],
  gathered: [region(SLOT_BYTES), region(SLOT_BYTES)],
} as const;

type Convert = (src: number, dst: number, n: number) => void;
type SmallFloatArguments = [mantissa: number, least: number, top: number, overflow: number, nan: number, sign: number];
type Bin = (
  ...args: [src: number, n: number, edges: number, counts: number, bins: number, low: number, perUnit: number]
) => void;
type BinCarefully = (
  ...args: [src: number, n: number, edges: number, counts: number, bins: number, low: number, width: number, s: number]
) => void;
type Reduce = (
  ...args: [src: number, lines: number, length: number, bounds: number, pixels: number, out: number]
) => void;
type CountDigits = (
  ...args: [src: number, n: number, known: number, prefixes: number, wanted: number, tables: number]
) => void;
type BinStraddlers = (
  ...args: [src: number, n: number, slots: number, edges: number, bins: number, counts: number]
) => void;
type Norms = (src: number, n: number, squares: number, most: number, others: number) => void;
type Compare = (a: number, b: number, n: number, record: number, base: number) => void;
type Subtract = (a: number, b: number, n: number) => void;

type Dequantize = (src: number, dst: number, blocks: number) => void;
type DequantizeByGrid = (src: number, dst: number, blocks: number, grid: number) => void;

/** The exports of kernels.wasm. */
export interface Kernels {
  readonly decodeBool: Convert;
  readonly decodeI8: Convert;
  readonly decodeU8: Convert;
  readonly decodeI16: Convert;
  readonly decodeU16: Convert;
  readonly decodeI32: Convert;
  readonly decodeU32: Convert;
  readonly decodeF16: Convert;
  readonly decodeBF16: Convert;
  readonly decodeF32: Convert;
  readonly decodeTable: (src: number, dst: number, n: number, table: number) => void;
  readonly dequantizeQ1x0: Dequantize;
  readonly dequantizeQ4x0: Dequantize;
  readonly dequantizeQ4x1: Dequantize;
  readonly dequantizeQ5x0: Dequantize;
  readonly dequantizeQ5x1: Dequantize;
  readonly dequantizeQ8x0: Dequantize;
  readonly dequantizeQ8x1: Dequantize;
  readonly dequantizeQ2K: Dequantize;
  readonly dequantizeQ3K: Dequantize;
  readonly dequantizeQ4K: Dequantize;
  readonly dequantizeQ5K: Dequantize;
  readonly dequantizeQ6K: Dequantize;
  readonly dequantizeQ8K: Dequantize;
  readonly dequantizeIQ2XXS: DequantizeByGrid;
  readonly dequantizeIQ2XS: DequantizeByGrid;
  readonly dequantizeIQ2S: DequantizeByGrid;
  readonly dequantizeIQ3XXS: DequantizeByGrid;
  readonly dequantizeIQ3S: DequantizeByGrid;
  readonly dequantizeIQ1S: DequantizeByGrid;
  readonly dequantizeIQ1M: DequantizeByGrid;
  readonly dequantizeIQ4NL: Dequantize;
  readonly dequantizeIQ4XS: Dequantize;
  readonly dequantizeTQ1x0: Dequantize;
  readonly dequantizeTQ2x0: Dequantize;
  readonly dequantizeMXFP4: Dequantize;
  readonly dequantizeNVFP4: Dequantize;
  readonly quantizeQ8x0: Dequantize;
  readonly unpack2: Convert;
  readonly unpack4: Convert;
  readonly unpack6: Convert;
  readonly encodeBool: Convert;
  readonly encodeI8: Convert;
  readonly encodeU8: Convert;
  readonly encodeI16: Convert;
  readonly encodeU16: Convert;
  readonly encodeI32: Convert;
  readonly encodeU32: Convert;
  readonly encodeF32: Convert;
  readonly encodeSmall8: (
    src: number,
    dst: number,
    n: number,
    ...format: [...SmallFloatArguments, unsignedZero: number]
  ) => void;
  readonly encodeSmall16: (src: number, dst: number, n: number, ...format: SmallFloatArguments) => void;
  readonly encodeE8M0: Convert;
  readonly encodeNarrow: (src: number, dst: number, n: number, low: number, high: number, mask: number) => void;
  readonly pack2: Convert;
  readonly pack4: Convert;
  readonly pack6: Convert;
  readonly i64ToF64: Convert;
  readonly u64ToF64: Convert;
  readonly i64ToF64Odd: Convert;
  readonly u64ToF64Odd: Convert;
  readonly f64ToI64: Convert;
  readonly f64ToU64: Convert;
  readonly i64ToU64: Convert;
  readonly u64ToI64: Convert;
  readonly realToComplex: Convert;
  readonly complexToReal: Convert;
  readonly complexNonZero: Convert;
  readonly complexAbs: Convert;
  readonly scaleF64: (ptr: number, n: number, factor: number) => void;
  readonly scaleRounded: (ptr: number, n: number, factor: number) => void;
  readonly scaleI64: (ptr: number, n: number, magnitude: bigint, negative: number) => void;
  readonly scaleU64: (ptr: number, n: number, magnitude: bigint, negative: number) => void;
  readonly momentsReset: (record: number) => void;
  readonly momentsF32: (src: number, n: number, record: number, table: number, scratch: number) => void;
  readonly negativesF32: (record: number, table: number) => void;
  readonly momentsF64: (src: number, n: number, record: number) => void;
  readonly countComplex: (src: number, n: number, record: number) => void;
  readonly count8: (src: number, n: number, table: number) => void;
  readonly count16: (src: number, n: number, table: number) => void;
  readonly countPrefixesF64: (src: number, n: number, table: number) => void;
  readonly collectCounts: (table: number, entries: number, codes: number, counts: number) => number;
  readonly countDigitsF32: CountDigits;
  readonly countDigitsF64: CountDigits;
  readonly binStraddlersF32: BinStraddlers;
  readonly binStraddlersF64: BinStraddlers;
  readonly normsOfLine: Norms;
  readonly normsAcross: Norms;
  readonly binCarefully: BinCarefully;
  readonly binIndices: BinCarefully;
  readonly binF32: Bin;
  readonly binPairsF32: (
    ...args: [
      src: number,
      n: number,
      edges: number,
      pairs: number,
      single: number,
      bins: number,
      low: number,
      perUnit: number,
    ]
  ) => void;
  readonly foldPairs: (pairs: number, single: number) => void;
  readonly binF64: Bin;
  readonly tally: (values: number, counts: number, n: number, out: number) => void;
  readonly tallySpread: (values: number, counts: number, n: number, centre: number, out: number) => number;
  readonly tallyRuns: (values: number, counts: number, n: number, lows: number, sums: number) => number;
  readonly tallyBins: (values: number, counts: number, n: number, indices: number, bins: number) => void;
  readonly compareReset: (record: number, absolute: number, relative: number) => void;
  readonly compareF64: Compare;
  readonly compareF32: (a: number, b: number, n: number, record: number, base: number, scratch: number) => void;
  readonly sameBytes: (a: number, b: number, nbytes: number) => number;
  readonly compareI64: Compare;
  readonly compareU64: Compare;
  readonly compareI64U64: Compare;
  readonly compareU64I64: Compare;
  readonly compareI64F64: Compare;
  readonly compareF64I64: Compare;
  readonly compareU64F64: Compare;
  readonly compareF64U64: Compare;
  readonly compareC128: Compare;
  readonly subtractF64: Subtract;
  readonly subtractI64: Subtract;
  readonly subtractU64: Subtract;
  readonly subtractC128: Subtract;
  readonly reduceMean: Reduce;
  readonly reduceMaxAbs: Reduce;
  readonly finishPixels: (pixels: number, n: number, out: number) => void;
  readonly extremes: (src: number, n: number, out: number) => void;
  readonly survey: (src: number, n: number, out: number) => void;
  readonly colorize: (
    ...args: [src: number, n: number, low: number, high: number, palette: number, out: number]
  ) => void;
}

/** The kernels of one worker and views of the memory they work on. */
export interface KernelMemory {
  readonly kernels: Kernels;
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  /** Dtypes whose tables (core/stats/worker/value-tables.ts) are written. */
  readonly prepared: Set<DType>;
}

export function loadKernels(): KernelMemory {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65_536) });
  const module = new WebAssembly.Module(readFileSync(new URL('../kernels/kernels.wasm', import.meta.url)));
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return {
    kernels: instance.exports as unknown as Kernels,
    bytes: new Uint8Array(memory.buffer),
    i32: new Int32Array(memory.buffer),
    u32: new Uint32Array(memory.buffer),
    f32: new Float32Array(memory.buffer),
    f64: new Float64Array(memory.buffer),
    prepared: new Set(),
  };
}
