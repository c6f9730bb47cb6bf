import { createHash } from 'node:crypto';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { TensorDiff } from '../../stats/engine.ts';
import { keyOf } from '../../stats/summary-cache.ts';
import type { ComparingEngine } from './compare.ts';

/** Of the largest checkpoints that are compared; a result takes a few hundred bytes. */
const MOST_RESULTS = 100_000;

/**
 * An engine that compares and hashes two values once: asked again, of tensors that no edit and no other state of
 * their files has changed, it tells what it found.
 */
export function rememberingEngine(engine: ComparingEngine): ComparingEngine {
  const diffs = new Known<TensorDiff>();
  const hashes = new Known<string>();
  return {
    read: (...request) => engine.read(...request),
    hash: (tensor, options) => hashes.get(wordOf('hash', [tensor]), () => engine.hash(tensor, options)),
    diff: (a, b, options = {}) => {
      const { absolute, relative } = options.tolerance ?? {};
      return diffs.get(wordOf(`${absolute} ${relative}`, [a, b]), () => engine.diff(a, b, options));
    },
  };
}

function wordOf(question: string, tensors: readonly LazyTensor[]): string | null {
  const hash = createHash('sha256').update(question);
  for (const tensor of tensors) {
    const key = keyOf(tensor);
    if (key === null) return null;
    hash.update('\0').update(key);
  }
  return hash.digest('base64');
}

/** The last results; the oldest go first. */
class Known<T> {
  readonly #results = new Map<string, T>();

  async get(key: string | null, find: () => Promise<T>): Promise<T> {
    if (key === null) return await find();
    const known = this.#results.get(key) ?? (await find());
    this.#results.delete(key);
    this.#results.set(key, known);
    const oldest = this.#results.size > MOST_RESULTS ? this.#results.keys().next().value : undefined;
    if (oldest !== undefined) this.#results.delete(oldest);
    return known;
  }
}
