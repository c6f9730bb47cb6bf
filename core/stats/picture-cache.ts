import type { HeatmapPlan } from './heatmap-plan.ts';

/** Four pictures of the largest size: enough to change colours and to step back without reading again. */
const MOST_BYTES = 2 ** 24;

/** The reduced values of the last pictures, so that another colour scale reads no file. The oldest go first. */
export class PictureCache {
  readonly #pictures = new Map<string, Float32Array>();
  #bytes = 0;

  /** `tensors`: what was looked at, by key; null where it has none. */
  key(tensors: readonly (string | null)[], plan: HeatmapPlan): string | null {
    return tensors.includes(null) ? null : JSON.stringify([tensors, plan]);
  }

  get(key: string | null): Float32Array | null {
    const picture = key === null ? undefined : this.#pictures.get(key);
    if (key === null || picture === undefined) return null;
    this.#pictures.delete(key);
    this.#pictures.set(key, picture);
    return picture;
  }

  put(key: string | null, picture: Float32Array): void {
    if (key === null || this.#pictures.has(key)) return;
    this.#pictures.set(key, picture);
    this.#bytes += picture.byteLength;
    for (const [oldest, { byteLength }] of this.#pictures) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#pictures.delete(oldest);
      this.#bytes -= byteLength;
    }
  }
}
