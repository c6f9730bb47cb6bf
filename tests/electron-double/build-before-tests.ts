import { buildDouble } from './build.mjs';

/** Vitest's global setup: the double is built anew from its sources before the suite starts it. */
export const setup = (): Promise<void> => buildDouble();
