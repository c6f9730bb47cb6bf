import type { FileSource } from '../byte-source.ts';
import { plainBytes } from '../unpack/stored-bytes.ts';
import { Hdf5Checkpoint } from './hdf5-checkpoint.ts';
import { readStructure, textOf } from './structure.ts';

export async function openHdf5(source: FileSource): Promise<Hdf5Checkpoint> {
  const stored = plainBytes({ file: 0, offset: 0, nbytes: source.size });
  const container = { source, extent: { start: 0, nbytes: source.size }, stored };
  const { attributes, objects, rewriting, ...structure } = await readStructure(container);
  const metadata = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, textOf(value)]));
  const parsed = { format: 'hdf5' as const, path: source.path, sources: [source], metadata, ...structure };
  return new Hdf5Checkpoint(parsed, { container, objects, rewriting, enclosure: null });
}
