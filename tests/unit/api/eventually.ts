import { vi } from 'vitest';

/** Repeats `check` until it passes. The limit is for a check that never does, on a machine under load. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}
