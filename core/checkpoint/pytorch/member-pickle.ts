import { CheckpointFormatError } from '../../errors.ts';
import type { PickleSource } from '../pickle/parse.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { ZipMember } from '../zip/member.ts';

/** A pickle that is a member of an archive: stored ones are read in place, others inflated as they are parsed. */
export async function memberPickle(archive: ZipArchive, member: ZipMember): Promise<PickleSource> {
  const name = `${archive.source.name}/${member.name}`;
  if (member.method !== 'stored') return new InflatedPickle(name, member.nbytes, archive.pieces(member));
  const { source } = archive;
  const offset = await archive.dataOffset(member);
  return { name, size: member.nbytes, read: (start, nbytes) => source.read(offset + start, nbytes) };
}

/** Ranges of a stream, each beginning at or behind where the last one began. */
class InflatedPickle implements PickleSource {
  readonly name: string;
  readonly size: number;
  readonly #pieces: AsyncGenerator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  /** Position of the first held byte. */
  #position = 0;

  constructor(name: string, size: number, pieces: AsyncGenerator<Uint8Array>) {
    this.name = name;
    this.size = size;
    this.#pieces = pieces;
  }

  async read(start: number, nbytes: number): Promise<Uint8Array> {
    this.#forget(start);
    while (this.#position + this.#held.length < start + nbytes) {
      const { value, done } = await this.#pieces.next();
      if (done) {
        throw new CheckpointFormatError(`${this.name} ends at byte ${this.#position + this.#held.length}.`, {
          file: this.name,
        });
      }
      this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
      this.#forget(start);
    }
    return this.#held.subarray(0, nbytes);
  }

  #forget(start: number): void {
    const gone = Math.min(Math.max(start - this.#position, 0), this.#held.length);
    this.#held = this.#held.subarray(gone);
    this.#position += gone;
  }
}
