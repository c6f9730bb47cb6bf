import { prefixDistribution } from '../distribution.ts';
import type { HeatmapRange } from '../engine.ts';
import type { Colored, PieceOf } from '../messages.ts';
import { MOMENTS_FIELDS, mergeMoments } from '../moments.ts';
import { paletteOf } from '../palette.ts';
import { quantilesOf } from '../quantiles.ts';
import { foundCounts } from './found-counts.ts';
import { ADDRESS, CHUNK_ELEMENTS, type KernelMemory } from './kernel-memory.ts';

const [SOURCE, RESULT] = [ADDRESS.storage[0], ADDRESS.lanes[0]];

type Range = readonly [low: number, high: number];

/** Of the pixels, at either end of a robust range. */
const TAIL = 0.01;

const PREFIXES = 65_536;

/** Calls `visit` with the values in the kernels' memory, a chunk at a time. */
function forEachChunk(memory: KernelMemory, values: Float32Array, visit: (start: number, n: number) => void): void {
  for (let start = 0; start < values.length; start += CHUNK_ELEMENTS) {
    const chunk = values.subarray(start, start + CHUNK_ELEMENTS);
    memory.f32.set(chunk, SOURCE / 4);
    visit(start, chunk.length);
  }
}

function extremes(memory: KernelMemory, values: Float32Array): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  forEachChunk(memory, values, (_, n) => {
    memory.kernels.extremes(SOURCE, n, ADDRESS.record);
    low = Math.min(low, memory.f64[ADDRESS.record / 8] ?? low);
    high = Math.max(high, memory.f64[ADDRESS.record / 8 + 1] ?? high);
  });
  return low <= high ? [low, high] : [0, 0];
}

/** As the quantiles of `TensorStats`, so within 1/128 of their size. */
function percentiles(memory: KernelMemory, values: Float32Array): Range {
  const { record, codeCounts, block } = ADDRESS;
  memory.kernels.momentsReset(record);
  memory.u32.fill(0, codeCounts / 4, codeCounts / 4 + PREFIXES);
  forEachChunk(memory, values, (_, n) => {
    memory.kernels.momentsF32(SOURCE, n, record, codeCounts, block);
  });
  const moments = mergeMoments([memory.f64.slice(record / 8, record / 8 + MOMENTS_FIELDS)]);
  const found = foundCounts(memory, { at: codeCounts, entries: PREFIXES });
  const quantiles = quantilesOf(prefixDistribution(found, { ...moments, rounded: false }), [TAIL, 1 - TAIL]);
  const [low, high] = quantiles ?? [];
  return low && high ? [low.value, high.value] : [0, 0];
}

function symmetric([low, high]: Range): Range {
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return [0 - reach, reach];
}

function chosenRange(memory: KernelMemory, { values, colorMap }: PieceOf<'color'>, choice: HeatmapRange): Range {
  switch (choice) {
    case 'full':
      return extremes(memory, values);
    case 'symmetric':
      return symmetric(extremes(memory, values));
    case 'robust': {
      const range = percentiles(memory, values);
      return colorMap === 'diverging' ? symmetric(range) : range;
    }
  }
}

function rangeOf(memory: KernelMemory, piece: PieceOf<'color'>): Pick<Colored, 'range' | 'rangeChoice'> {
  const wanted = piece.range ?? (piece.colorMap === 'diverging' ? 'symmetric' : 'full');
  if (typeof wanted !== 'string') return { range: wanted, rangeChoice: 'given' };
  return { range: chosenRange(memory, piece, wanted), rangeChoice: wanted };
}

function transpose(values: Float32Array, width: number): Float32Array {
  const height = values.length / width;
  const result = new Float32Array(values.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) result[column * height + row] = values[row * width + column] ?? 0;
  }
  return result;
}

/** Colours a reduced picture. */
export function color(memory: KernelMemory, piece: PieceOf<'color'>): Colored {
  const values = piece.transposeFrom === null ? piece.values : transpose(piece.values, piece.transposeFrom);
  const { range, rangeChoice } = rangeOf(memory, piece);
  const rgba = new Uint8ClampedArray(values.length * 4);
  memory.u32.set(paletteOf(piece.colorMap), ADDRESS.palette / 4);
  forEachChunk(memory, values, (start, n) => {
    memory.kernels.colorize(SOURCE, n, range[0], range[1], ADDRESS.palette, RESULT);
    rgba.set(memory.bytes.subarray(RESULT, RESULT + n * 4), start * 4);
  });
  return { values, rgba, range, rangeChoice };
}
