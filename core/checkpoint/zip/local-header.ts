import { CheckpointFormatError } from '../../errors.ts';
import { type ByteSource, readRanges } from '../byte-source.ts';
import { Turns } from '../turns.ts';
import { LOCAL_BYTES, memberName, type ZipMember } from './member.ts';

const SIGNATURE = 0x04034b50;

/**
 * Where the stored bytes of members begin: behind their local headers, whose extra fields (alignment
 * padding) the directory does not know.
 *
 * @throws CheckpointFormatError where a local header is not what the directory says, or the bytes reach beyond `limitOf`.
 */
export async function dataOffsets(
  source: ByteSource,
  members: readonly ZipMember[],
  limitOf: (member: ZipMember) => number,
): Promise<number[]> {
  const ranges = members.map(({ header, nameLength }) => ({ start: header, nbytes: LOCAL_BYTES + nameLength }));
  const headers = await readRanges(source, ranges);
  const turns = new Turns();
  const offsets: number[] = [];
  for (const [i, member] of members.entries()) {
    if (turns.isDue) await turns.next();
    const { buffer, byteOffset, length } = headers[i] ?? new Uint8Array();
    const local = Buffer.from(buffer, byteOffset, length);
    offsets.push(checkedOffset(source, local, { member, limit: limitOf(member) }));
  }
  return offsets;
}

function checkedOffset(
  source: ByteSource,
  local: Buffer,
  { member, limit }: { readonly member: ZipMember; readonly limit: number },
): number {
  const { name, header, compressed } = member;
  const fail = (problem: string): never => {
    throw new CheckpointFormatError(
      `${source.name}: member ${JSON.stringify(name)} ${problem} (byte ${header} of the file).`,
      { file: source.name, offset: header },
    );
  };
  if (local.readUInt32LE(0) !== SIGNATURE) return fail('does not begin where the directory says');
  const nameLength = local.readUInt16LE(26);
  if (memberName(local.subarray(LOCAL_BYTES, LOCAL_BYTES + nameLength)) !== name) {
    return fail('has another name where it lies than in the directory');
  }
  if (local.readUInt16LE(8) !== (member.method === 'stored' ? 0 : 8)) {
    return fail('is packed otherwise than the directory says');
  }
  const offset = header + LOCAL_BYTES + nameLength + local.readUInt16LE(28);
  if (offset + compressed > limit) return fail('reaches into what follows it');
  return offset;
}
