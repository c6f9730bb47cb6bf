import type { Colored, PieceOf } from '../messages.ts';
import { paletteOf } from '../palette.ts';
import { ADDRESS, CHUNK_ELEMENTS, type KernelMemory } from './kernel-memory.ts';

const [SOURCE, RESULT] = [ADDRESS.storage[0], ADDRESS.lanes[0]];

/** Calls `visit` with the values in the kernels' memory, a chunk at a time. */
function forEachChunk(memory: KernelMemory, values: Float32Array, visit: (start: number, n: number) => void): void {
  for (let start = 0; start < values.length; start += CHUNK_ELEMENTS) {
    const chunk = values.subarray(start, start + CHUNK_ELEMENTS);
    memory.f32.set(chunk, SOURCE / 4);
    visit(start, chunk.length);
  }
}

function extremes(memory: KernelMemory, values: Float32Array): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  forEachChunk(memory, values, (_, n) => {
    memory.kernels.extremes(SOURCE, n, ADDRESS.record);
    low = Math.min(low, memory.f64[ADDRESS.record / 8] ?? low);
    high = Math.max(high, memory.f64[ADDRESS.record / 8 + 1] ?? high);
  });
  return low <= high ? [low, high] : [0, 0];
}

function automaticRange(memory: KernelMemory, piece: PieceOf<'color'>): readonly [low: number, high: number] {
  const [low, high] = extremes(memory, piece.values);
  if (piece.colorMap !== 'diverging') return [low, high];
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return [0 - reach, reach];
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
  const range = piece.range ?? automaticRange(memory, piece);
  const rgba = new Uint8ClampedArray(values.length * 4);
  memory.u32.set(paletteOf(piece.colorMap), ADDRESS.palette / 4);
  forEachChunk(memory, values, (start, n) => {
    memory.kernels.colorize(SOURCE, n, range[0], range[1], ADDRESS.palette, RESULT);
    rgba.set(memory.bytes.subarray(RESULT, RESULT + n * 4), start * 4);
  });
  return { values, rgba, range };
}
