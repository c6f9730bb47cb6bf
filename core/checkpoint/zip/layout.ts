import { InvalidArgumentError } from '../../errors.ts';
import { readRanges } from '../byte-source.ts';
import type { ZipArchive } from './archive.ts';
import { CENTRAL_BYTES, LOCAL_BYTES, type ZipMember } from './member.ts';
import { leavesArchive } from './member-name.ts';
import { endRecords, VERSION, WIDE, wideExtra } from './wide-records.ts';

/** A member of the archive to be written. */
export interface ZipPart {
  readonly name: string;
  /** The record of the directory that it descends from, `CENTRAL_BYTES` and the name: dates and attributes stay. Null for a new one. */
  readonly former: Buffer | null;
  readonly method: ZipMember['method'];
  /** Unpacked, and in the archive. */
  readonly nbytes: number;
  readonly compressed: number;
  /** Null where it is known only when the bytes are written: then its fields are left 0. */
  readonly crc32: number | null;
}

export interface ZipLayoutOptions {
  /** Stored bytes begin at multiples of this; the gap is an extra field `FB`, as torch writes it. 1 for none. */
  readonly alignment: number;
}

export interface PlacedPart {
  readonly header: { readonly to: number; readonly bytes: Buffer };
  /** Where its bytes go. */
  readonly offset: number;
  /** Where its checksum stands. */
  readonly fields: readonly number[];
}

export interface ZipLayout {
  readonly parts: readonly PlacedPart[];
  readonly directory: { readonly to: number; readonly bytes: Buffer };
  /** Bytes of the archive. */
  readonly total: number;
}

const MAX_NAME = 0xffff;
const UTF8 = 0x800;
/** Sizes follow the bytes instead of preceding them. */
const DESCRIPTOR = 0x8;
/** 1 January 1980: the oldest date of the format, so that equal contents make equal files. */
const DATE = 0x21;
const PADDING_ID = 0x4246;

/** The records of members in the directory, for `ZipPart.former`. */
export async function formerRecords(archive: ZipArchive, members: readonly ZipMember[]): Promise<Buffer[]> {
  const ranges = members.map(({ central, nameLength }) => ({ start: central, nbytes: CENTRAL_BYTES + nameLength }));
  return (await readRanges(archive.source, ranges)).map((bytes) => Buffer.from(bytes));
}

/**
 * Where the members of an archive go and what stands around them (PKWARE's APPNOTE 6.3, zip64 where it is
 * needed); reads and writes nothing.
 *
 * @throws InvalidArgumentError for a name that is too long, leads out of the archive or comes twice.
 */
export function layoutZip(parts: readonly ZipPart[], { alignment }: ZipLayoutOptions): ZipLayout {
  checkNames(parts);
  const placed: (PlacedPart & { readonly part: ZipPart; readonly name: Buffer })[] = [];
  let end = 0;
  for (const part of parts) {
    const name = nameBytes(part);
    const header = localHeader(part, { name, to: end, alignment });
    const offset = end + header.length;
    placed.push({ part, name, header: { to: end, bytes: header }, offset, fields: [end + 14] });
    end = offset + part.compressed;
  }
  const records = placed.map(({ part, name, header }) => centralRecord(part, name, header.to));
  const directory = Buffer.concat([
    ...records,
    endRecords(records.length, { offset: end, nbytes: totalBytes(records) }),
  ]);
  let at = end;
  const sealed = placed.map(({ header, offset, fields }, i) => {
    const field = at + 16;
    at += records[i]?.length ?? 0;
    return { header, offset, fields: [...fields, field] };
  });
  return { parts: sealed, directory: { to: end, bytes: directory }, total: end + directory.length };
}

function checkNames(parts: readonly ZipPart[]): void {
  const names = new Set<string>();
  for (const { name } of parts) {
    if (leavesArchive(name) || name === '') {
      throw new InvalidArgumentError(
        `No member of a zip archive can be called ${JSON.stringify(name)}: rename the tensor.`,
      );
    }
    if (names.has(name)) {
      throw new InvalidArgumentError(`Two members of the archive would be called ${JSON.stringify(name)}.`);
    }
    names.add(name);
  }
}

/** The bytes that it had where the name is still its own: old tools wrote code pages. */
function nameBytes({ name, former }: ZipPart): Buffer {
  const old = former?.subarray(CENTRAL_BYTES);
  if (old && (old.toString('utf8') === name || old.toString('latin1') === name)) return old;
  const bytes = Buffer.from(name);
  if (bytes.length <= MAX_NAME) return bytes;
  throw new InvalidArgumentError(`A name of ${bytes.length} bytes is too long for a zip archive.`);
}

function flagsOf({ former }: ZipPart, name: Buffer): number {
  if (former?.subarray(CENTRAL_BYTES).equals(name)) return former.readUInt16LE(8) & ~DESCRIPTOR;
  return name.every((byte) => byte < 0x80) ? 0 : UTF8;
}

function localHeader(
  part: ZipPart,
  { name, to, alignment }: { readonly name: Buffer; readonly to: number; readonly alignment: number },
): Buffer {
  const wide = isWide(part) ? wideExtra([part.nbytes, part.compressed]) : Buffer.alloc(0);
  const padding =
    alignment > 1 ? paddingExtra(to + LOCAL_BYTES + name.length + wide.length, alignment) : Buffer.alloc(0);
  const header = Buffer.alloc(LOCAL_BYTES);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header.subarray(4), part, { name, extra: wide.length + padding.length });
  return Buffer.concat([header, name, wide, padding]);
}

function centralRecord(part: ZipPart, name: Buffer, to: number): Buffer {
  const wide = [...(isWide(part) ? [part.nbytes, part.compressed] : []), ...(to >= WIDE ? [to] : [])];
  const extra = wide.length > 0 ? wideExtra(wide) : Buffer.alloc(0);
  const header = Buffer.alloc(CENTRAL_BYTES);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(part.former?.readUInt16LE(4) ?? VERSION, 4);
  writeCommon(header.subarray(6), part, { name, extra: extra.length });
  // Attributes of the file that it was packed from.
  if (part.former) part.former.copy(header, 36, 36, 42);
  header.writeUInt32LE(Math.min(to, WIDE), 42);
  return Buffer.concat([header, name, extra]);
}

/** The fields that both records of a member have, in the same order. */
function writeCommon(
  fields: Buffer,
  part: ZipPart,
  { name, extra }: { readonly name: Buffer; readonly extra: number },
): void {
  const { former, method, nbytes, compressed, crc32 } = part;
  fields.writeUInt16LE(Math.max(former?.readUInt16LE(6) ?? 0, isWide(part) || !former ? VERSION : 0), 0);
  fields.writeUInt16LE(flagsOf(part, name), 2);
  fields.writeUInt16LE(method === 'stored' ? 0 : 8, 4);
  fields.writeUInt16LE(former?.readUInt16LE(12) ?? 0, 6);
  fields.writeUInt16LE(former?.readUInt16LE(14) ?? DATE, 8);
  fields.writeUInt32LE(crc32 ?? 0, 10);
  fields.writeUInt32LE(isWide(part) ? WIDE : compressed, 14);
  fields.writeUInt32LE(isWide(part) ? WIDE : nbytes, 18);
  fields.writeUInt16LE(name.length, 22);
  fields.writeUInt16LE(extra, 24);
}

/** Where one of the sizes is too wide, both stand in the extra field: a local header allows nothing else. */
function isWide({ nbytes, compressed }: ZipPart): boolean {
  return nbytes >= WIDE || compressed >= WIDE;
}

/** An extra field after which a multiple of `alignment` follows. */
function paddingExtra(position: number, alignment: number): Buffer {
  const length = (alignment - ((position + 4) % alignment)) % alignment;
  const extra = Buffer.alloc(4 + length, 'Z');
  extra.writeUInt16LE(PADDING_ID, 0);
  extra.writeUInt16LE(length, 2);
  return extra;
}

function totalBytes(records: readonly Buffer[]): number {
  return records.reduce((sum, record) => sum + record.length, 0);
}
