import type { FileSource } from '../byte-source.ts';
import { ParsedCheckpoint } from '../parsed-checkpoint.ts';
import type { StateDict } from './state-dict.ts';

export class FlaxCheckpoint extends ParsedCheckpoint {
  /** The names of tensors that are items of lists: their names are their places. */
  readonly items: ReadonlySet<string>;

  constructor(source: FileSource, { entries, values, items }: StateDict) {
    super({ format: 'flax-msgpack', path: source.path, sources: [source], entries, values });
    this.items = items;
  }
}
