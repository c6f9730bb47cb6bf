import { crc32 } from 'node:zlib';
import type { Enclosure } from '../../checkpoint/hdf5/hdf5-checkpoint.ts';
import { METADATA, readMetadata } from '../../checkpoint/keras/archive.ts';
import { formerRecords } from '../../checkpoint/zip/layout.ts';
import type { ZipMember } from '../../checkpoint/zip/member.ts';
import type { Metadata } from '../state/tensor-state.ts';
import { type ArchiveMember, archiveContent } from './archive-content.ts';
import type { OriginalFile } from './content.ts';
import type { FileContent } from './file-content.ts';
import type { Hdf5Body } from './hdf5-rewrite.ts';

/** Keras does not align members. */
const OPTIONS = { alignment: 1 };

/** A `.keras` archive around new weights; `metadata` is the new text of its own metadata, null where that stays. */
export class KerasArchive {
  readonly #enclosure: Enclosure;
  readonly #file: OriginalFile;
  readonly #places: readonly { readonly record: Buffer | null; readonly offset: number }[];
  readonly #metadata: string | null;

  private constructor(enclosure: Enclosure, parts: Pick<KerasParts, 'file' | 'places' | 'metadata'>) {
    this.#enclosure = enclosure;
    this.#file = parts.file;
    this.#places = parts.places;
    this.#metadata = parts.metadata;
  }

  static async open(enclosure: Enclosure, file: OriginalFile, metadata: string | null): Promise<KerasArchive> {
    const { archive } = enclosure;
    const records = await formerRecords(archive, archive.members);
    const offsets = await archive.dataOffsets(archive.members);
    const places = archive.members.map((_, i) => ({ record: records[i] ?? null, offset: offsets[i] ?? 0 }));
    return new KerasArchive(enclosure, { file, places, metadata });
  }

  /** The archive with `weights` in the place of those that it had. */
  content(weights: Hdf5Body): FileContent {
    const { archive, member: former } = this.#enclosure;
    const members = archive.members.map((member, i): ArchiveMember => {
      const { record, offset } = this.#places[i] ?? { record: null, offset: 0 };
      if (member === former) return weightsMember(member, { record, weights });
      if (member.name === METADATA && this.#metadata !== null) return textMember(member, record, this.#metadata);
      return this.#copied(member, record, offset);
    });
    return archiveContent(members, OPTIONS);
  }

  #copied(
    { name, method, nbytes, compressed, crc32 }: ZipMember,
    record: Buffer | null,
    offset: number,
  ): ArchiveMember {
    const file = this.#file;
    const part = { name, former: record, method, nbytes, compressed, crc32 };
    return { part, segments: (to) => [{ kind: 'copy', to, file, from: offset, nbytes: compressed }] };
  }
}

interface KerasParts {
  readonly file: OriginalFile;
  readonly places: readonly { readonly record: Buffer | null; readonly offset: number }[];
  readonly metadata: string | null;
}

function weightsMember(
  { name }: ZipMember,
  { record, weights }: { readonly record: Buffer | null; readonly weights: Hdf5Body },
): ArchiveMember {
  const { nbytes, segments } = weights;
  const part = { name, former: record, method: 'stored', nbytes, compressed: nbytes, crc32: null } as const;
  return { part, segments };
}

function textMember({ name }: ZipMember, record: Buffer | null, text: string): ArchiveMember {
  const bytes = Buffer.from(text);
  const nbytes = bytes.length;
  const part = { name, former: record, method: 'stored', nbytes, compressed: nbytes, crc32: crc32(bytes) } as const;
  return { part, segments: (to) => [{ kind: 'bytes', to, bytes }] };
}

/** What becomes of an archive's metadata: the attributes of its weights that change, and its own as text. */
export interface ArchiveMetadata {
  readonly attributes: ReadonlyMap<string, string | null>;
  /** Null where it stays. */
  readonly text: string | null;
}

/** Shares changes out: a key that the archive has in `metadata.json`, or that is new, is changed there. */
export async function sharedOut(
  { archive }: Enclosure,
  changes: ReadonlyMap<string, string | null>,
  attributes: { has(name: string): boolean },
): Promise<ArchiveMetadata> {
  const own = new Map(Object.entries(await readMetadata(archive)));
  const others = new Map<string, string | null>();
  let text: string | null = null;
  for (const [key, value] of changes) {
    if (!own.has(key) && attributes.has(key)) {
      others.set(key, value);
      continue;
    }
    if (value === null) own.delete(key);
    else own.set(key, typeof own.get(key) === 'string' || !own.has(key) ? value : jsonOr(value));
    text = JSON.stringify(Object.fromEntries(own));
  }
  return { attributes: others, text };
}

/** A value that was no text stays what it was where the new one can be that. */
function jsonOr(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** What differs between the metadata as the file has it and as the document has it; null for a key that goes. */
export function metadataChanges(
  former: Readonly<Record<string, string>>,
  metadata: Metadata,
): Map<string, string | null> {
  const changes = new Map<string, string | null>();
  for (const [key, value] of metadata) if (former[key] !== value) changes.set(key, value);
  for (const key of Object.keys(former)) if (!metadata.has(key)) changes.set(key, null);
  return changes;
}
