import { availableMemory } from 'node:process';
import { OutOfMemoryError } from '../errors.ts';
import { MAX_ARRAY_BYTES } from './array-limit.ts';
import { requestCollection } from './collect-garbage.ts';

/** What devices may hold in all unless configured: enough for any one tensor of a 70B model but its embeddings. */
const DEFAULT_BUDGET_BYTES = 4 * 2 ** 30;

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}

export interface BudgetOptions {
  /** Bytes; by default 4 GiB, and no single request over half of the memory that is free. */
  readonly limit?: number | undefined;
  /** Bytes of the largest array. */
  readonly maxArrayBytes?: number;
  /** Where the memory is, for messages. */
  readonly place?: string;
}

/** Counts the bytes that arrays on devices hold, and refuses before memory is asked for. */
export class MemoryBudget {
  readonly #place: string;
  #limit: number | undefined;
  #maxArrayBytes: number;
  #held = 0;
  /** Claimed since garbage was last looked for. */
  #claimed = 0;

  constructor({ limit, maxArrayBytes = MAX_ARRAY_BYTES, place = 'a device' }: BudgetOptions = {}) {
    this.#limit = limit;
    this.#maxArrayBytes = Math.min(maxArrayBytes, MAX_ARRAY_BYTES);
    this.#place = place;
  }

  /** What the device can hold became known. */
  limitTo({ limit, maxArrayBytes }: { readonly limit: number; readonly maxArrayBytes: number }): void {
    this.#limit = limit;
    this.#maxArrayBytes = Math.min(maxArrayBytes, MAX_ARRAY_BYTES);
  }

  /** What arrays may take in all. */
  get limit(): number {
    return this.#limit ?? DEFAULT_BUDGET_BYTES;
  }

  get held(): number {
    return this.#held;
  }

  /** @throws OutOfMemoryError where an array of `bytes` may not be added. */
  claim(bytes: number, what: string): void {
    const limit = this.#maxArrayBytes;
    if (bytes > limit) {
      throw new OutOfMemoryError(
        `${what} takes ${formatBytes(bytes)} on ${this.#place}, more than the ${formatBytes(limit)} that one array can have there. It can still be viewed and edited in the file.`,
        { bytes, limit },
      );
    }
    const free = this.#free();
    if (bytes > free) {
      throw new OutOfMemoryError(
        `${what} takes ${formatBytes(bytes)} on ${this.#place}, but only ${formatBytes(free)} may still be used (${formatBytes(this.#held)} are). Unload other tensors first, or raise the memory budget.`,
        { bytes, free, held: this.#held },
      );
    }
    this.#held += bytes;
    this.#claimed += bytes;
    this.#collectUnderPressure();
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }

  /** Beyond half of the budget, whenever another eighth was claimed: what was dropped must be found before the end. */
  #collectUnderPressure(): void {
    const { limit } = this;
    if (this.#held <= limit / 2 || this.#claimed <= limit / 8) return;
    this.#claimed = 0;
    requestCollection();
  }

  #free(): number {
    if (this.#limit !== undefined) return Math.max(0, this.#limit - this.#held);
    return Math.max(0, Math.min(DEFAULT_BUDGET_BYTES - this.#held, Math.floor(availableMemory() / 2)));
  }
}
