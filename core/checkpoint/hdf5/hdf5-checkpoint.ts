import { ParsedCheckpoint, type ParsedStructure } from '../parsed-checkpoint.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { ZipMember } from '../zip/member.ts';
import type { Hdf5Container } from './container.ts';
import type { ListedObject } from './structure.ts';
import type { RewriteFacts } from './write/rewrite-facts.ts';

/** Where the HDF5 file is a member of an archive. */
export interface Enclosure {
  readonly archive: ZipArchive;
  readonly member: ZipMember;
}

export class Hdf5Checkpoint extends ParsedCheckpoint {
  readonly container: Hdf5Container;
  /** The datasets of entries, by the entries' names. */
  readonly objects: ReadonlyMap<string, ListedObject>;
  readonly rewriting: RewriteFacts;
  /** Null where the file is an HDF5 file itself. */
  readonly enclosure: Enclosure | null;

  constructor(
    structure: ParsedStructure,
    hdf5: Pick<Hdf5Checkpoint, 'container' | 'objects' | 'rewriting' | 'enclosure'>,
  ) {
    super(structure);
    this.container = hdf5.container;
    this.objects = hdf5.objects;
    this.rewriting = hdf5.rewriting;
    this.enclosure = hdf5.enclosure;
  }
}
