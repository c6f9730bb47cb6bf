import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { Summarized } from './stats-job.ts';

/** Enough for the tensors that somebody goes back and forth between; a scan of thousands just passes through. */
const MOST_BYTES = 2 ** 21;
/** Edits that carry more data than this are not worth a key. */
const LONGEST_KEY = 2 ** 16;

interface Entry {
  readonly summary: Summarized;
  readonly bytes: number;
}

/** A value of a tensor in a word: where its bytes are, as of which state of the file, and what was done to them; null where that is long. */
export function keyOf(tensor: LazyTensor): string | null {
  const data = tensor.steps.reduce((sum, step) => sum + (step.kind === 'set' ? step.data.length : 0), 0);
  if (data > LONGEST_KEY) return null;
  const key = JSON.stringify(tensor);
  return key.length <= 2 * LONGEST_KEY ? key : null;
}

/** What was found of the last tensors that were looked at; the oldest go first. */
export class SummaryCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  get(tensor: LazyTensor): Summarized | null {
    const key = keyOf(tensor);
    const entry = key === null ? undefined : this.#entries.get(key);
    if (key === null || entry === undefined) return null;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.summary;
  }

  put(tensor: LazyTensor, summary: Summarized): void {
    const key = keyOf(tensor);
    const { distribution } = summary;
    if (key === null || distribution === null) return;
    const bytes = 2 * key.length + distribution.counts.length * 26;
    if (bytes > MOST_BYTES) return;
    this.#drop(key);
    this.#entries.set(key, { summary, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
