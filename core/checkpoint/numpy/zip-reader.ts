import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { CheckpointFormatError, UnsafeCheckpointError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { growingPieces } from '../streams.ts';
import type { PieceSource } from './npy.ts';

const LOCAL = { signature: 0x04034b50, bytes: 30 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const END = { signature: 0x06054b50, bytes: 22 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 };
const MAX_COMMENT = 0xffff;
const EXTRA64 = 0x0001;
const IN_EXTRA = 0xffffffff;
const ENCRYPTED = 1;

/** A directory of a million members fits. */
const MAX_DIRECTORY = 128 * 1024 * 1024;

interface Member {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly nbytes: number;
  /** Where its local header lies. */
  readonly header: number;
}

/**
 * The members of a zip archive, stored or deflated, by the archive's directory (PKWARE's APPNOTE).
 * Nothing is unpacked until its pieces are asked for, and never more than the directory announced.
 *
 * @throws CheckpointFormatError
 */
export async function readZip(source: ByteSource): Promise<PieceSource[]> {
  const { offset, nbytes, count } = await findDirectory(source);
  if (nbytes > MAX_DIRECTORY || offset + nbytes > source.size) {
    fail(source, `the directory of the archive, ${nbytes} bytes at ${offset}, does not fit into it`, offset);
  }
  const bytes = Buffer.from(await source.read(offset, nbytes));
  const members: PieceSource[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { member, next } = parseMember(source, { bytes, at, base: offset });
    members.push(pieceSource(source, member));
    at = next;
  }
  return members;
}

async function findDirectory(source: ByteSource): Promise<{ offset: number; nbytes: number; count: number }> {
  const start = Math.max(0, source.size - END.bytes - MAX_COMMENT);
  const tail = Buffer.from(await source.read(start, source.size - start));
  let at = tail.length - END.bytes;
  while (at >= 0 && tail.readUInt32LE(at) !== END.signature) at--;
  if (at < 0) return fail(source, 'the archive has no directory: it is cut short', source.size);
  const locator = at - LOCATOR64.bytes;
  if (locator >= 0 && tail.readUInt32LE(locator) === LOCATOR64.signature) {
    return await readEnd64(source, Number(tail.readBigUInt64LE(locator + 8)));
  }
  return { count: tail.readUInt16LE(at + 10), nbytes: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
}

async function readEnd64(source: ByteSource, offset: number) {
  if (offset + END64.bytes > source.size) return fail(source, 'the archive has no directory: it is cut short', offset);
  const end = Buffer.from(await source.read(offset, END64.bytes));
  if (end.readUInt32LE(0) !== END64.signature) return fail(source, 'the end of the directory is damaged', offset);
  const [count, nbytes, start] = [32, 40, 48].map((at) => Number(end.readBigUInt64LE(at)));
  return { count: count ?? 0, nbytes: nbytes ?? 0, offset: start ?? 0 };
}

function parseMember(
  source: ByteSource,
  { bytes, at, base }: { readonly bytes: Buffer; readonly at: number; readonly base: number },
): { member: Member; next: number } {
  if (at + CENTRAL.bytes > bytes.length || bytes.readUInt32LE(at) !== CENTRAL.signature) {
    return fail(source, 'the directory of the archive is damaged', base + at);
  }
  const nameEnd = at + CENTRAL.bytes + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) return fail(source, 'the directory of the archive is cut short', base + at);
  const name = bytes.toString('utf8', at + CENTRAL.bytes, nameEnd);
  if (bytes.readUInt16LE(at + 8) & ENCRYPTED) {
    throw new UnsafeCheckpointError(`${source.name}: member ${JSON.stringify(name)} is encrypted.`);
  }
  const wide = wideFields(bytes.subarray(nameEnd, extraEnd));
  const size = (offset: number): number => {
    const value = bytes.readUInt32LE(at + offset);
    return value === IN_EXTRA ? (wide.shift() ?? value) : value;
  };
  const nbytes = size(24);
  const compressed = size(20);
  const header = size(42);
  const member = { name, method: bytes.readUInt16LE(at + 10), crc: bytes.readUInt32LE(at + 16), nbytes, compressed };
  return { member: { ...member, header }, next };
}

/** The 64-bit values that stand in for fields that are too narrow, in the order of those fields. */
function wideFields(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== EXTRA64) continue;
    const end = Math.min(at + 4 + extra.readUInt16LE(at + 2), extra.length);
    const values: number[] = [];
    for (let field = at + 4; field + 8 <= end; field += 8) values.push(Number(extra.readBigUInt64LE(field)));
    return values;
  }
  return [];
}

function pieceSource(source: ByteSource, member: Member): PieceSource {
  return { name: member.name, nbytes: member.nbytes, pieces: () => unpacked(source, member) };
}

async function* unpacked(source: ByteSource, member: Member): AsyncGenerator<Uint8Array> {
  const { method, compressed, nbytes, name, crc, header } = member;
  const what = `member ${JSON.stringify(name)}`;
  if (method !== 0 && method !== 8)
    fail(source, `${what} is packed by method ${method}; stored and deflate are read`, header);
  const offset = await dataOffset(source, member);
  const stored = growingPieces(source, offset, compressed);
  let [done, sum] = [0, 0];
  try {
    for await (const piece of method === 0 ? stored : inflated(stored)) {
      done += piece.length;
      if (done > nbytes) fail(source, `${what} unpacks to more than the ${nbytes} bytes that were announced`, offset);
      sum = crc32(piece, sum);
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
    fail(source, `${what} cannot be unpacked: ${error.message}`, offset);
  }
  if (done !== nbytes) fail(source, `${what} unpacks to ${done} bytes, not to ${nbytes}`, offset);
  if (sum !== crc) fail(source, `${what} is damaged: its checksum is wrong`, offset);
}

async function dataOffset(source: ByteSource, { header, name, compressed }: Member): Promise<number> {
  const what = `member ${JSON.stringify(name)}`;
  if (header + LOCAL.bytes > source.size) return fail(source, `${what} lies beyond the end of the archive`, header);
  const local = Buffer.from(await source.read(header, LOCAL.bytes));
  if (local.readUInt32LE(0) !== LOCAL.signature) return fail(source, `${what} does not begin where it should`, header);
  const offset = header + LOCAL.bytes + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (offset + compressed > source.size) return fail(source, `${what} reaches beyond the end of the archive`, header);
  return offset;
}

async function* inflated(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw();
  const input = Readable.from(packed);
  input.on('error', (error) => inflate.destroy(error));
  input.pipe(inflate);
  try {
    for await (const piece of inflate) yield piece as Uint8Array;
  } finally {
    input.destroy();
    inflate.destroy();
  }
}

function fail(source: ByteSource, problem: string, offset: number): never {
  throw new CheckpointFormatError(`${source.name}: ${problem} (byte ${offset} of the file).`, {
    file: source.name,
    offset,
  });
}
