import { CheckpointFormatError } from '../../errors.ts';
import { type ByteSource, readRanges } from '../byte-source.ts';
import { inflatedPieces, inflateStart } from '../inflate.ts';
import { growingPieces } from '../streams.ts';
import type { StoredBytes } from '../unpack/stored-bytes.ts';
import { readDirectory } from './directory.ts';
import { dataOffsets } from './local-header.ts';
import type { ZipMember } from './member.ts';

/** Of what deflate writes before the first byte comes out: the tables of its codes. */
const DEFLATE_SLACK = 1024;

/**
 * A zip archive, opened: its directory is in memory, checked as a whole (names, sizes, places, overlaps);
 * of its members nothing is read before somebody asks.
 */
export class ZipArchive {
  readonly source: ByteSource;
  /** In the order of the directory. */
  readonly members: readonly ZipMember[];
  readonly #byName: ReadonlyMap<string, ZipMember>;
  /** Where the first member ends at the latest: the next one's header, or the directory. */
  readonly #limits: ReadonlyMap<ZipMember, number>;

  constructor(source: ByteSource, members: readonly ZipMember[], limits: ReadonlyMap<ZipMember, number>) {
    this.source = source;
    this.members = members;
    this.#byName = new Map(members.map((member) => [member.name, member]));
    this.#limits = limits;
  }

  find(name: string): ZipMember | undefined {
    return this.#byName.get(name);
  }

  /** Where the stored bytes of each member begin, alignment padding behind them: one small read per member. */
  async dataOffsets(members: readonly ZipMember[]): Promise<number[]> {
    return await dataOffsets(this.source, members, (member) => this.#limits.get(member) ?? this.source.size);
  }

  async dataOffset(member: ZipMember): Promise<number> {
    const [offset] = await this.dataOffsets([member]);
    return offset ?? 0;
  }

  /** The unpacked bytes of a member for a packed entry; `file` is the archive's index in `Checkpoint.files`, `offset` from `dataOffsets`. */
  storedBytes(member: ZipMember, { file, offset }: { readonly file: number; readonly offset: number }): StoredBytes {
    return {
      runs: [{ file, offset, nbytes: member.compressed }],
      compression: member.method === 'stored' ? 'none' : 'deflate',
      length: member.nbytes,
      crc32: member.crc32,
      start: 0,
      nbytes: member.nbytes,
    };
  }

  /**
   * The unpacked bytes from first to last, never more than the directory announced.
   *
   * @throws CheckpointFormatError where they cannot be unpacked, end early or fail their checksum.
   */
  async *pieces(member: ZipMember): AsyncGenerator<Uint8Array> {
    const offset = await this.dataOffset(member);
    const packed = growingPieces(this.source, offset, member.compressed);
    yield* inflatedPieces(packed, {
      compression: member.method === 'stored' ? 'none' : 'deflate',
      length: member.nbytes,
      crc32: member.crc32,
      name: `${this.source.name}: member ${JSON.stringify(member.name)}`,
      file: this.source.name,
      offset,
    });
  }

  /** All of a small member. @throws CheckpointFormatError where it has more than `limit` bytes */
  async read(member: ZipMember, limit: number): Promise<Buffer> {
    if (member.nbytes > limit) {
      throw new CheckpointFormatError(
        `${this.source.name}: member ${JSON.stringify(member.name)} has ${member.nbytes} bytes; at most ${limit} are read (byte ${member.header} of the file).`,
        { file: this.source.name, offset: member.header },
      );
    }
    const parts: Uint8Array[] = [];
    for await (const piece of this.pieces(member)) parts.push(piece);
    return Buffer.concat(parts);
  }

  /**
   * The first unpacked bytes of each member, `nbytes` of them where it has so many: what tells what a member
   * is, at the price of one opening for all. Checksums are not checked.
   */
  async heads(members: readonly ZipMember[], nbytes: number): Promise<Buffer[]> {
    const offsets = await this.dataOffsets(members);
    const ranges = members.map(({ method, compressed }, i) => ({
      start: offsets[i] ?? 0,
      nbytes: Math.min(compressed, method === 'stored' ? nbytes : nbytes + DEFLATE_SLACK),
    }));
    const stored = await readRanges(this.source, ranges);
    return await Promise.all(
      members.map((member, i) => headOfMember(this.source, member, { stored: stored[i] ?? new Uint8Array(), nbytes })),
    );
  }

  /** A stored member as a source of its own, read by ranges in place. */
  async sourceOf(member: ZipMember): Promise<ByteSource> {
    if (member.method !== 'stored') throw new TypeError(`Member ${member.name} is compressed.`);
    const { source } = this;
    const offset = await this.dataOffset(member);
    const name = `${source.name}/${member.name}`;
    return { name, size: member.nbytes, read: (start, nbytes) => source.read(offset + start, nbytes) };
  }
}

/**
 * Opens an archive by its directory (PKWARE's APPNOTE 6.3, zip64 included).
 *
 * @throws CheckpointFormatError where the directory is damaged, names repeat, members overlap or leave the file.
 * @throws UnsafeCheckpointError where a name leads out of the archive, or a member is encrypted.
 */
export async function openZip(source: ByteSource): Promise<ZipArchive> {
  const { members, limits } = await readDirectory(source);
  return new ZipArchive(source, members, limits);
}

async function headOfMember(
  source: ByteSource,
  { name, header, method }: ZipMember,
  { stored, nbytes }: { readonly stored: Uint8Array; readonly nbytes: number },
): Promise<Buffer> {
  if (method === 'stored') return Buffer.from(stored);
  try {
    return (await inflateStart(stored, nbytes)).subarray(0, nbytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new CheckpointFormatError(
      `${source.name}: member ${JSON.stringify(name)} cannot be unpacked: ${error.message} (byte ${header} of the file).`,
      { file: source.name, offset: header },
    );
  }
}
