import type { FileSource } from '../byte-source.ts';
import type { Entry } from '../checkpoint.ts';
import { ReadableCheckpoint, type ReadableStructure } from '../readable-checkpoint.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { ZipMember } from '../zip/member.ts';

/** Where an entry of a `.npz` archive comes from. */
export type NpzOrigin =
  /** The one array of a member; `end` bytes of header precede its values. */
  | { readonly kind: 'array'; readonly member: ZipMember; readonly end: number }
  /** A field of an array of records. */
  | { readonly kind: 'column'; readonly member: ZipMember }
  /** Several members in a folder of their own, or in none. */
  | { readonly kind: 'sparse'; readonly folder: string; readonly members: readonly ZipMember[] };

/** An open `.npz` archive: its writer asks where entries lie. */
export class NpzCheckpoint extends ReadableCheckpoint {
  readonly archive: ZipArchive;
  readonly #origins: ReadonlyMap<Entry, NpzOrigin>;

  /** `origins` run parallel to the entries. */
  constructor(
    structure: ReadableStructure & { readonly sources: readonly [FileSource] },
    archive: ZipArchive,
    origins: readonly NpzOrigin[],
  ) {
    super(structure);
    this.archive = archive;
    this.#origins = new Map(
      this.entries.flatMap((entry, i) => {
        const origin = origins[i];
        return origin ? [[entry, origin] as const] : [];
      }),
    );
  }

  originOf(entry: Entry): NpzOrigin {
    const origin = this.#origins.get(entry);
    if (!origin) throw new TypeError(`${entry.name} is no entry of ${this.path}.`);
    return origin;
  }
}
