import { crc32, inflateRawSync } from 'node:zlib';

export interface Member {
  readonly name: string;
  readonly bytes: Buffer;
  /** By deflate; absent where the member is stored as it is. */
  readonly packed?: Buffer;
}

/** The members of a small archive that is sound. */
export function unzipped(archive: Buffer): Member[] {
  const end = archive.length - 22;
  const members: Member[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < archive.readUInt16LE(end + 10); i++) {
    const nameEnd = at + 46 + archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const stored = archive.subarray(start, start + archive.readUInt32LE(at + 20));
    const bytes = archive.readUInt16LE(at + 10) === 8 ? inflateRawSync(stored) : stored;
    members.push({ name: archive.toString('utf8', at + 46, nameEnd), bytes });
    at = nameEnd + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return members;
}

export function zipped(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const name = Buffer.from(member.name);
    const stored = member.packed ?? member.bytes;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(member.packed ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(member.bytes), 10);
    fields.writeUInt32LE(stored.length, 14);
    fields.writeUInt32LE(member.bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    locals.push(Buffer.from('PK\x03\x04'), fields, name, stored);
    central.push(Buffer.from('PK\x01\x02\x14\x00'), fields, place, name);
    offset += 4 + fields.length + name.length + stored.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}
