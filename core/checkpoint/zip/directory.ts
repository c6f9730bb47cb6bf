import { CheckpointFormatError, UnsafeCheckpointError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { MAX_DEFLATE_RATIO } from '../inflate.ts';
import { Turns } from '../turns.ts';
import { type DirectoryPlace, findDirectory } from './end-records.ts';
import { CENTRAL_BYTES, LOCAL_BYTES, memberName, type ZipMember } from './member.ts';
import { leavesArchive } from './member-name.ts';

const CENTRAL = { signature: 0x02014b50, bytes: CENTRAL_BYTES };
const EXTRA64 = 0x0001;
const IN_EXTRA = 0xffffffff;
const ENCRYPTED = 1;

/** A directory of a million members fits; the largest real ones have some ten thousand. */
const MAX_DIRECTORY = 128 * 1024 * 1024;
const RATIO_SLACK = 1024;

export interface ZipDirectory {
  readonly members: readonly ZipMember[];
  /** Where each member must have ended: at the next one's header, or at the directory. */
  readonly limits: ReadonlyMap<ZipMember, number>;
}

/** @throws CheckpointFormatError, UnsafeCheckpointError as `openZip` says. */
export async function readDirectory(source: ByteSource): Promise<ZipDirectory> {
  const place = await findDirectory(source);
  checkPlace(source, place);
  const bytes = Buffer.from(await source.read(place.offset, place.nbytes));
  const members: ZipMember[] = [];
  const names = new Set<string>();
  const turns = new Turns();
  let at = 0;
  for (let i = 0; i < place.count; i++) {
    if (turns.isDue) await turns.next();
    const { member, next } = parseMember(source, { bytes, at, base: place.offset });
    if (names.has(member.name)) {
      fail(source, `the archive has two members called ${JSON.stringify(member.name)}`, place.offset + at);
    }
    names.add(member.name);
    members.push(member);
    at = next;
  }
  if (at !== place.nbytes) fail(source, 'the directory of the archive is longer than its members', place.offset + at);
  return { members, limits: await turns.run(limitsOf(source, members, place.offset)) };
}

function checkPlace(source: ByteSource, { offset, nbytes, count }: DirectoryPlace): void {
  const sane = [offset, nbytes, count].every(Number.isSafeInteger);
  if (!sane || nbytes > MAX_DIRECTORY || offset + nbytes > source.size || count * CENTRAL.bytes > nbytes) {
    fail(
      source,
      `the directory of the archive (${count} members, ${nbytes} bytes at ${offset}) cannot be real`,
      source.size,
    );
  }
}

function parseMember(
  source: ByteSource,
  { bytes, at, base }: { readonly bytes: Buffer; readonly at: number; readonly base: number },
): { member: ZipMember; next: number } {
  const here = base + at;
  if (at + CENTRAL.bytes > bytes.length || bytes.readUInt32LE(at) !== CENTRAL.signature) {
    return fail(source, 'the directory of the archive is damaged', here);
  }
  const nameEnd = at + CENTRAL.bytes + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) return fail(source, 'the directory of the archive is cut short', here);
  const name = memberName(bytes.subarray(at + CENTRAL.bytes, nameEnd));
  checkName(source, name);
  if (bytes.readUInt16LE(at + 8) & ENCRYPTED) {
    throw new UnsafeCheckpointError(`${source.name}: member ${JSON.stringify(name)} is encrypted.`, {
      file: source.name,
      offset: here,
    });
  }
  const method = methodOf(source, { name, method: bytes.readUInt16LE(at + 10), offset: here });
  const wide = wideFields(bytes.subarray(nameEnd, extraEnd));
  const size = (offset: number): number => {
    const value = bytes.readUInt32LE(at + offset);
    return value === IN_EXTRA ? (wide.shift() ?? value) : value;
  };
  const nbytes = size(24);
  const compressed = size(20);
  const header = size(42);
  const member = {
    name,
    method,
    crc32: bytes.readUInt32LE(at + 16),
    nbytes,
    compressed,
    header,
    nameLength: nameEnd - at - CENTRAL.bytes,
    central: here,
  };
  checkSizes(source, member, here);
  return { member, next };
}

function methodOf(
  source: ByteSource,
  { name, method, offset }: { readonly name: string; readonly method: number; readonly offset: number },
): ZipMember['method'] {
  if (method === 0) return 'stored';
  if (method === 8) return 'deflated';
  return fail(
    source,
    `member ${JSON.stringify(name)} is packed by method ${method}; stored and deflate are read`,
    offset,
  );
}

function checkSizes(source: ByteSource, member: ZipMember, offset: number): void {
  const { name, method, nbytes, compressed, header } = member;
  const what = `member ${JSON.stringify(name)}`;
  if (![nbytes, compressed, header].every(Number.isSafeInteger) || header + LOCAL_BYTES + compressed > source.size) {
    fail(source, `${what} (${compressed} bytes at ${header}) reaches beyond the end of the archive`, offset);
  }
  if (method === 'stored' && nbytes !== compressed) {
    fail(source, `${what} is stored in ${compressed} bytes, but is said to have ${nbytes}`, offset);
  }
  if (nbytes > compressed * MAX_DEFLATE_RATIO + RATIO_SLACK) {
    throw new UnsafeCheckpointError(
      `${source.name}: ${what} is said to unpack from ${compressed} bytes to ${nbytes}, which no deflate stream can (byte ${offset} of the file).`,
      { file: source.name, offset },
    );
  }
}

/** Nothing here is ever written under a member's name, but whoever made such a name meant harm. */
function checkName(source: ByteSource, name: string): void {
  if (name !== '' && !leavesArchive(name)) return;
  throw new UnsafeCheckpointError(
    `${source.name} has a member called ${JSON.stringify(name)}, which leads out of the archive. Do not unpack it elsewhere; get the file from a source you trust.`,
    { file: source.name, name },
  );
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

/** @throws CheckpointFormatError where two members claim the same bytes. */
function* limitsOf(
  source: ByteSource,
  members: readonly ZipMember[],
  end: number,
): Generator<void, Map<ZipMember, number>> {
  const limits = new Map<ZipMember, number>();
  const placed = members.toSorted((a, b) => a.header - b.header);
  for (const [i, member] of placed.entries()) {
    const limit = placed[i + 1]?.header ?? end;
    const { header, name, nameLength, compressed } = member;
    if (header + LOCAL_BYTES + nameLength + compressed > limit) {
      fail(source, `member ${JSON.stringify(name)} overlaps what follows it`, header);
    }
    limits.set(member, limit);
    yield;
  }
  return limits;
}

function fail(source: ByteSource, problem: string, offset: number): never {
  throw new CheckpointFormatError(`${source.name}: ${problem} (byte ${offset} of the file).`, {
    file: source.name,
    offset,
  });
}
