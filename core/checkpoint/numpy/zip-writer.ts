import { crc32 } from 'node:zlib';
import { InvalidArgumentError } from '../../errors.ts';
import type { ByteStream } from '../../ndarray/array-file.ts';
import type { FileSink } from '../replace-file.ts';
import { endRecords, VERSION, WIDE, wideExtra } from '../zip/wide-records.ts';

const MAX_NAME = 0xffff;
const UTF8 = 0x800;
/** 1 January 1980: the oldest date of the format, so that equal arrays make equal files. */
const DATE = 0x21;

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly nbytes: number;
  readonly offset: number;
}

/** Writes a zip archive of stored members, as `numpy.savez` does. */
export class ZipWriter {
  readonly #sink: FileSink;
  readonly #members: Written[] = [];
  readonly #names = new Set<string>();

  constructor(sink: FileSink) {
    this.#sink = sink;
  }

  /** @throws InvalidArgumentError for a name that is too long for the format, or is there already. */
  async add(name: string, parts: readonly ByteStream[]): Promise<void> {
    const encoded = Buffer.from(name);
    if (encoded.length > MAX_NAME) {
      throw new InvalidArgumentError(`A name of ${encoded.length} bytes is too long for a zip archive.`);
    }
    if (this.#names.has(name)) {
      throw new InvalidArgumentError(`Two members of the archive would be called ${JSON.stringify(name)}.`);
    }
    this.#names.add(name);
    const offset = this.#sink.position;
    const nbytes = parts.reduce((sum, part) => sum + part.nbytes, 0);
    await this.#sink.write(localHeader({ name: encoded, crc: 0, nbytes, offset }));
    let crc = 0;
    for (const part of parts) {
      await this.#sink.pipe({
        nbytes: part.nbytes,
        async *chunks() {
          for await (const chunk of part.chunks()) {
            crc = crc32(chunk, crc);
            yield chunk;
          }
        },
      });
    }
    const member = { name: encoded, crc, nbytes, offset };
    await this.#sink.patch(offset, localHeader(member));
    this.#members.push(member);
  }

  async finish(): Promise<void> {
    const offset = this.#sink.position;
    for (const member of this.#members) await this.#sink.write(centralHeader(member));
    const nbytes = this.#sink.position - offset;
    await this.#sink.write(endRecords(this.#members.length, { offset, nbytes }));
  }
}

function localHeader({ name, crc, nbytes }: Written): Buffer {
  const wide = nbytes >= WIDE ? wideExtra([nbytes, nbytes]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header.subarray(4), { crc, nbytes, name, extra: wide });
  return Buffer.concat([header, name, wide]);
}

function centralHeader({ name, crc, nbytes, offset }: Written): Buffer {
  const sizes = nbytes >= WIDE ? [nbytes, nbytes] : [];
  const wide = [...sizes, ...(offset >= WIDE ? [offset] : [])];
  const extra = wide.length > 0 ? wideExtra(wide) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(VERSION, 4);
  writeCommon(header.subarray(6), { crc, nbytes, name, extra });
  header.writeUInt32LE(Math.min(offset, WIDE), 42);
  return Buffer.concat([header, name, extra]);
}

/** The fields that both headers of a member have, in the same order. */
function writeCommon(
  fields: Buffer,
  { crc, nbytes, name, extra }: { crc: number; nbytes: number; name: Buffer; extra: Buffer },
): void {
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(UTF8, 2);
  fields.writeUInt16LE(DATE, 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(Math.min(nbytes, WIDE), 14);
  fields.writeUInt32LE(Math.min(nbytes, WIDE), 18);
  fields.writeUInt16LE(name.length, 22);
  fields.writeUInt16LE(extra.length, 24);
}
