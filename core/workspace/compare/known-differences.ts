import { createHash } from 'node:crypto';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { TensorDiff, Tolerance } from '../../stats/engine.ts';
import { keyOf } from '../../stats/summary-cache.ts';
import type { ComparingEngine } from './compare.ts';

/** Of the largest checkpoints that are compared; a result takes a few hundred bytes. */
const MOST_RESULTS = 100_000;

/**
 * An engine that compares and hashes two values once: asked again, of tensors that no edit and no other state of
 * their files has changed, it tells what it found. Under another tolerance it reads them again only where what was
 * measured does not tell whether they are within it; where that tells of elements beyond it, but not of how many,
 * `beyondTolerance` is null.
 */
export function rememberingEngine(engine: ComparingEngine): ComparingEngine {
  const measures = new Known<TensorDiff>();
  const diffs = new Known<TensorDiff>();
  const hashes = new Known<string>();
  return {
    read: (...request) => engine.read(...request),
    hash: (tensor, options) => hashes.get(wordOf('hash', [tensor]), () => engine.hash(tensor, options)),
    diff: async (a, b, options = {}) => {
      const { tolerance } = options;
      const pair = wordOf('diff', [a, b]);
      const measured = measures.known(pair);
      const told = measured && withTolerance(measured, tolerance);
      if (told) return told;
      const asked = pair && `${tolerance?.absolute} ${tolerance?.relative} ${pair}`;
      const diff = await diffs.get(asked, () => engine.diff(a, b, options));
      measures.keep(pair, diff);
      return diff;
    },
  };
}

/** A difference that was measured under any tolerance, as it is under this one; null where its elements have to tell. */
function withTolerance(measured: TensorDiff, tolerance: Tolerance | undefined): TensorDiff | null {
  if (tolerance === undefined) return { ...measured, beyondTolerance: null };
  const { changedCount, maxAbs, nans } = measured;
  const areNaNsEqual = nans.a + nans.b === 0;
  const isWithin = changedCount === 0 || (areNaNsEqual && maxAbs !== null && maxAbs <= tolerance.absolute);
  if (isWithin) return { ...measured, beyondTolerance: 0 };
  const isBeyond = !areNaNsEqual || tolerance.relative === 0;
  return isBeyond ? { ...measured, beyondTolerance: null } : null;
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

/** The last results; the oldest go first. What has no key is not remembered. */
class Known<T> {
  readonly #results = new Map<string, T>();

  async get(key: string | null, find: () => Promise<T>): Promise<T> {
    const result = this.known(key) ?? (await find());
    this.keep(key, result);
    return result;
  }

  known(key: string | null): T | undefined {
    return key === null ? undefined : this.#results.get(key);
  }

  keep(key: string | null, result: T): void {
    if (key === null) return;
    this.#results.delete(key);
    this.#results.set(key, result);
    const oldest = this.#results.size > MOST_RESULTS ? this.#results.keys().next().value : undefined;
    if (oldest !== undefined) this.#results.delete(oldest);
  }
}
