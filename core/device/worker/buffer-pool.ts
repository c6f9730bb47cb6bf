/** Smaller buffers come from the heap, which hands them out quickly. */
const LEAST_BYTES = 2 ** 20;

/** Enough to replace a large matrix and its gradient; more would be missed elsewhere. */
const MOST_BYTES = 2 ** 29;

const KEPT_MS = 1000;

/**
 * Buffers of arrays that were freed, for arrays that come after: the system takes far longer to hand out
 * fresh memory, page by page, than it takes to overwrite what is there. Given back to it where unused.
 */
export class BufferPool {
  #buffers: ArrayBuffer[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A buffer of this size with any content; undefined where there is none. */
  take(byteLength: number): ArrayBuffer | undefined {
    const index = this.#buffers.findLastIndex((buffer) => buffer.byteLength === byteLength);
    const [buffer] = index < 0 ? [] : this.#buffers.splice(index, 1);
    if (buffer) this.#bytes -= byteLength;
    return buffer;
  }

  /** Nobody else may hold `buffer` any more. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength < LEAST_BYTES || buffer.byteLength > MOST_BYTES) return;
    this.#buffers.push(buffer);
    this.#bytes += buffer.byteLength;
    while (this.#bytes > MOST_BYTES) this.#bytes -= this.#buffers.shift()?.byteLength ?? 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear(), KEPT_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#buffers = [];
    this.#bytes = 0;
  }
}
