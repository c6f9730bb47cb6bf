import type { Bench } from './bench.ts';

/** Something that every backend promises: `run` throws where it is not so. */
export interface Case {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}
