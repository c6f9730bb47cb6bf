import { crc32 } from 'node:zlib';
import type { ByteStream } from '../../ndarray/array-file.ts';
import type { FileSink } from '../replace-file.ts';
import { layoutZip } from './layout.ts';

export interface StreamedMember {
  readonly name: string;
  /** One behind the other they are its bytes. */
  readonly parts: readonly ByteStream[];
}

/**
 * Writes a zip archive of stored members, as `numpy.savez` does. Checksums are known when the bytes have
 * passed, and written then.
 *
 * @throws InvalidArgumentError for a name that is too long for the format, or comes twice, before anything is written.
 */
export async function writeStoredZip(sink: FileSink, members: readonly StreamedMember[]): Promise<void> {
  const layout = layoutZip(
    members.map(({ name, parts }) => {
      const nbytes = parts.reduce((sum, part) => sum + part.nbytes, 0);
      return { name, former: null, method: 'stored', nbytes, compressed: nbytes, crc32: null };
    }),
    { alignment: 1 },
  );
  const checksums: number[] = [];
  for (const [i, { parts }] of members.entries()) {
    await sink.write(layout.parts[i]?.header.bytes ?? Buffer.alloc(0));
    checksums.push(await pipeAll(sink, parts));
  }
  await sink.write(layout.directory.bytes);
  for (const [i, { fields }] of layout.parts.entries()) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(checksums[i] ?? 0);
    for (const field of fields) await sink.patch(field, bytes);
  }
}

/** The checksum of what passed. */
async function pipeAll(sink: FileSink, parts: readonly ByteStream[]): Promise<number> {
  let checksum = 0;
  for (const part of parts) {
    await sink.pipe({
      nbytes: part.nbytes,
      async *chunks() {
        for await (const chunk of part.chunks()) {
          checksum = crc32(chunk, checksum);
          yield chunk;
        }
      },
    });
  }
  return checksum;
}
