import { CheckpointFormatError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';

const END = { signature: 0x06054b50, bytes: 22 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 };
const MAX_COMMENT = 0xffff;

export interface DirectoryPlace {
  readonly offset: number;
  readonly nbytes: number;
  readonly count: number;
}

/** Where an archive says that its directory lies; nothing of it is checked. @throws CheckpointFormatError where it says nothing */
export async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  const start = Math.max(0, source.size - END.bytes - MAX_COMMENT);
  const tail = Buffer.from(await source.read(start, source.size - start));
  const at = findEnd(tail);
  if (at === null) return fail(source, 'the archive has no directory: it is cut short', source.size);
  const locator = at - LOCATOR64.bytes;
  if (locator >= 0 && tail.readUInt32LE(locator) === LOCATOR64.signature) {
    return await readEnd64(source, Number(tail.readBigUInt64LE(locator + 8)));
  }
  return { count: tail.readUInt16LE(at + 10), nbytes: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
}

/** The record whose comment ends with the file; a signature inside a comment is none. */
function findEnd(tail: Buffer): number | null {
  for (let at = tail.length - END.bytes; at >= 0; at--) {
    const ends = at + END.bytes + tail.readUInt16LE(at + 20) === tail.length;
    if (ends && tail.readUInt32LE(at) === END.signature) return at;
  }
  return null;
}

async function readEnd64(source: ByteSource, offset: number): Promise<DirectoryPlace> {
  if (!Number.isSafeInteger(offset) || offset + END64.bytes > source.size) {
    return fail(source, 'the archive has no directory: it is cut short', source.size);
  }
  const end = Buffer.from(await source.read(offset, END64.bytes));
  if (end.readUInt32LE(0) !== END64.signature) return fail(source, 'the end of the directory is damaged', offset);
  const [count, nbytes, start] = [32, 40, 48].map((at) => Number(end.readBigUInt64LE(at)));
  return { count: count ?? 0, nbytes: nbytes ?? 0, offset: start ?? 0 };
}

function fail(source: ByteSource, problem: string, offset: number): never {
  throw new CheckpointFormatError(`${source.name}: ${problem} (byte ${offset} of the file).`, {
    file: source.name,
    offset,
  });
}
