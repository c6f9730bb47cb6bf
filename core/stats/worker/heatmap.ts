import { type HeatmapPlan, type Lines, linesOfPixel, pixelSpan, wantedSpan } from '../heatmap-plan.ts';
import { type BoxValues, boxValues } from './box-values.ts';
import type { PieceContext } from './context.ts';
import { ADDRESS, CHUNK_ELEMENTS } from './kernel-memory.ts';

/** Reduces a band of outer pixels; one row of pixels at a time is in memory. */
class HeatmapBand {
  readonly #context: PieceContext;
  readonly #plan: HeatmapPlan;
  readonly #values: BoxValues;

  constructor(context: PieceContext, plan: HeatmapPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#values = boxValues(context);
  }

  row(pixel: number): void {
    const { memory } = this.#context;
    const { inner, runElements } = this.#plan;
    memory.bytes.fill(0, ADDRESS.pixels, ADDRESS.pixels + inner.pixels * 16);
    for (const lines of linesOfPixel(this.#plan, pixel)) {
      if (runElements !== null) this.#sampledLine(lines.first);
      else if (inner.count > CHUNK_ELEMENTS) this.#longLines(lines);
      else this.#shortLines(lines);
    }
  }

  #shortLines(lines: Lines): void {
    const { first, outer, inner } = this.#plan;
    this.#setBounds({ start: 0, stop: inner.count });
    const step = Math.floor(CHUNK_ELEMENTS / inner.count);
    for (let done = 0; done < lines.count; done += step) {
      const count = Math.min(step, lines.count - done);
      const axes = [
        { count, stride: outer.stride, out: inner.count },
        { count: inner.count, stride: inner.stride, out: 1 },
      ];
      const at = this.#values.load(first + (lines.first + done) * outer.stride, axes);
      this.#reduce(at, { lines: count, length: inner.count, firstPixel: 0, pixels: inner.pixels });
    }
  }

  #longLines(lines: Lines): void {
    const { first, outer, inner } = this.#plan;
    for (let line = lines.first; line < lines.first + lines.count; line++) {
      for (let start = 0; start < inner.count; start += CHUNK_ELEMENTS) {
        const stop = Math.min(start + CHUNK_ELEMENTS, inner.count);
        const pixels = this.#setBounds({ start, stop });
        const element = first + line * outer.stride + start * inner.stride;
        const at = this.#values.load(element, [{ count: stop - start, stride: inner.stride, out: 1 }]);
        this.#reduce(at, { lines: 1, length: stop - start, ...pixels });
      }
    }
  }

  #sampledLine(line: number): void {
    const { first, outer, inner } = this.#plan;
    const { u32 } = this.#context.memory;
    let length = 0;
    for (let k = 0; k < inner.pixels; k++) {
      const [start, stop] = wantedSpan(this.#plan, k);
      const at = first + line * outer.stride + start * inner.stride;
      this.#values.gather(at, { count: stop - start, stride: inner.stride, out: 1 }, length);
      u32[ADDRESS.bounds / 4 + 2 * k] = length;
      length += stop - start;
      u32[ADDRESS.bounds / 4 + 2 * k + 1] = length;
    }
    this.#reduce(this.#values.gathered(length), { lines: 1, length, firstPixel: 0, pixels: inner.pixels });
  }

  /** Writes which elements of the tile `[start, stop)` of a line belong to which pixel; returns the pixels it meets. */
  #setBounds(tile: { readonly start: number; readonly stop: number }): { firstPixel: number; pixels: number } {
    const { inner } = this.#plan;
    const { u32 } = this.#context.memory;
    let firstPixel = Math.floor((tile.start * inner.pixels) / inner.count);
    while (firstPixel > 0 && pixelSpan(inner, firstPixel)[0] > tile.start) firstPixel--;
    let pixels = 0;
    for (let k = firstPixel; k < inner.pixels; k++) {
      if (pixelSpan(inner, k)[0] >= tile.stop) break;
      const [start, stop] = wantedSpan(this.#plan, k);
      u32[ADDRESS.bounds / 4 + 2 * pixels] = Math.max(start, tile.start) - tile.start;
      u32[ADDRESS.bounds / 4 + 2 * pixels + 1] = Math.max(Math.min(stop, tile.stop) - tile.start, 0);
      pixels++;
    }
    return { firstPixel, pixels };
  }

  #reduce(
    at: number,
    { lines, length, firstPixel, pixels }: Record<'lines' | 'length' | 'firstPixel' | 'pixels', number>,
  ): void {
    const { kernels } = this.#context.memory;
    const reduce = this.#plan.reduce === 'maxabs' ? kernels.reduceMaxAbs : kernels.reduceMean;
    reduce(at, lines, length, ADDRESS.bounds, pixels, ADDRESS.pixels + firstPixel * 16);
  }
}

/** One value per pixel for the outer pixels `[start, stop)` of the job's tensor, or of the difference of its two. */
export function heatmap(
  context: PieceContext,
  { plan, start, stop }: { readonly plan: HeatmapPlan; readonly start: number; readonly stop: number },
): Float32Array {
  const { memory } = context;
  const width = plan.inner.pixels;
  const values = new Float32Array((stop - start) * width);
  const band = new HeatmapBand(context, plan);
  for (let pixel = start; pixel < stop; pixel++) {
    band.row(pixel);
    memory.kernels.finishPixels(ADDRESS.pixels, width, ADDRESS.block);
    values.set(memory.f32.subarray(ADDRESS.block / 4, ADDRESS.block / 4 + width), (pixel - start) * width);
  }
  return values;
}
