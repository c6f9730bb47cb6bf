import { afterAll } from 'vitest';
import type { TensorEngine } from '../../../core/stats/engine.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { Scratch } from './support.ts';

/** An engine and a folder of tensor files, until the last test of the file. */
export function scratchEngine(threads: number): { readonly scratch: Scratch; readonly engine: TensorEngine } {
  const scratch = new Scratch();
  const engine = createTensorEngine({ threads });
  afterAll(async () => {
    await engine.close();
    scratch.remove();
  });
  return { scratch, engine };
}
