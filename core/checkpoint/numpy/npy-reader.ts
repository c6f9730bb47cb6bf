import type { FileSource } from '../byte-source.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { headOf } from '../file-head.ts';
import { ReadableCheckpoint, type ReadableStructure } from '../readable-checkpoint.ts';
import { plainBytes } from '../unpack/stored-bytes.ts';
import { listArray } from './array-entries.ts';
import { type NpyHeader, npyPreamble, parseNpyHeader } from './npy-header.ts';

/** A `.npy` file: one array, named after the file; records as columns `NAME.FIELD`. */
export async function openNpy(source: FileSource): Promise<Checkpoint> {
  const { name: file, size } = source;
  const head = await headOf(source);
  const preamble = Math.min(npyPreamble(head, file), size);
  const bytes = preamble <= head.length ? head : Buffer.from(await source.read(0, preamble));
  const header = parseNpyHeader(bytes, file);
  const stored = plainBytes({ file: 0, offset: 0, nbytes: size });
  const name = file.replace(/\.npy$/i, '');
  const { entries, others } = listArray({ name, file, header, stored, head: bytes });
  const structure = {
    format: 'npy',
    sources: [source],
    entries,
    others: others.map((other) => ({ ...other, before: 0 })),
  } as const;
  return new NpyCheckpoint(structure, header);
}

/** An open `.npy` file: its writer asks what the header says. */
export class NpyCheckpoint extends ReadableCheckpoint {
  readonly header: NpyHeader;

  constructor(structure: ReadableStructure, header: NpyHeader) {
    super(structure);
    this.header = header;
  }
}
