import { type ByteSource, readRanges } from '../byte-source.ts';
import type { ZipArchive } from './archive.ts';
import type { ZipMember } from './member.ts';

/** Where records have the checksum. */
const LOCAL_CRC = 14;
const CENTRAL_CRC = 16;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const DESCRIPTOR_BYTES = 8;

/** Where an archive says the checksum of a member, so that it can be mended where its bytes are patched. */
export interface SealedMember {
  /** Where its stored bytes begin. */
  readonly offset: number;
  /** Positions of the checksum: in the directory always; before or behind the bytes where their writer put it there. */
  readonly fields: readonly number[];
}

/** The places of the checksums of stored members, in the order of `members`. */
export async function sealedMembers(archive: ZipArchive, members: readonly ZipMember[]): Promise<SealedMember[]> {
  const { source } = archive;
  const offsets = await archive.dataOffsets(members);
  const before = await readRanges(
    source,
    members.map(({ header }) => ({ start: header + LOCAL_CRC, nbytes: 4 })),
  );
  const behind = await readRanges(
    source,
    members.map(({ compressed }, i) => descriptorRange(source, (offsets[i] ?? 0) + compressed)),
  );
  return members.map((member, i) => {
    const offset = offsets[i] ?? 0;
    const fields = [member.central + CENTRAL_CRC];
    if (Buffer.from(before[i] ?? []).readUInt32LE() === member.crc32) fields.push(member.header + LOCAL_CRC);
    const descriptor = descriptorField(Buffer.from(behind[i] ?? []), member.crc32);
    if (descriptor !== null) fields.push(offset + member.compressed + descriptor);
    return { offset, fields };
  });
}

function descriptorRange({ size }: ByteSource, start: number): { start: number; nbytes: number } {
  return { start, nbytes: Math.min(DESCRIPTOR_BYTES, size - start) };
}

/** Behind a signature, as all tools of today write it. */
function descriptorField(bytes: Buffer, crc32: number): number | null {
  if (bytes.length < DESCRIPTOR_BYTES || bytes.readUInt32LE(0) !== DESCRIPTOR_SIGNATURE) return null;
  return bytes.readUInt32LE(4) === crc32 ? 4 : null;
}
