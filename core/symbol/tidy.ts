import { NDArray } from '../device/nd-array.ts';

let made: Set<NDArray> | null = null;

/** Called for every array that an operator makes. */
export function noteMade(array: NDArray): void {
  made?.add(array);
}

/**
 * Runs `fn`, which must be synchronous, and disposes of the arrays that operators made in it, but for
 * those that it returns: garbage collection knows nothing of the memory that handles stand for.
 */
export function tidy<T extends NDArray | readonly (NDArray | null)[]>(fn: () => T): T {
  const outer = made;
  const inner = new Set<NDArray>();
  made = inner;
  let kept: readonly (NDArray | null)[] = [];
  try {
    const result = fn();
    kept = result instanceof NDArray ? [result] : result;
    return result;
  } finally {
    made = outer;
    for (const array of inner) {
      if (kept.includes(array)) outer?.add(array);
      else array.dispose();
    }
  }
}
