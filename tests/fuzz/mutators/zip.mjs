import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { crc32 } from './crc32.mjs';
import { mutateField, swapFields, u16, u32 } from './numbers.mjs';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const NAMES = [
  '../../evil.txt',
  '/etc/passwd',
  'archive/data.pkl',
  'model.weights.h5',
  'config.json',
  '',
  'a\\b',
  'x'.repeat(3000),
];

/** Fields of the directory and the local headers, or the content of a member (`mutateContent`) packed anew. */
export function mutateZip(bytes, random, mutateContent) {
  const members = unzip(bytes);
  if (members && members.length > 0 && random.chance(0.65)) {
    const changed = [...members];
    const index = chosenMember(members, random);
    const member = members[index];
    if (random.chance(0.8)) changed[index] = { ...member, content: mutateContent(member.content, random) };
    else changeList(changed, index, random);
    return zip(changed, random);
  }
  const fields = fieldsOf(bytes);
  return random.chance(0.15) ? swapFields(bytes, fields, random) : mutateField(bytes, fields, random);
}

/** Pickles and nested containers more often than raw storages. */
function chosenMember(members, random) {
  const rich = members.flatMap(({ name }, index) => (/\.(pkl|npy|h5|json)$/.test(name) ? [index] : []));
  return rich.length > 0 && random.chance(0.8) ? random.pick(rich) : random.below(members.length);
}

function changeList(members, index, random) {
  const member = members[index];
  switch (random.below(4)) {
    case 0:
      members.splice(index, 1);
      break;
    case 1:
      members.push(member);
      break;
    case 2:
      members[index] = { ...member, name: random.pick([...NAMES, `${member.name}x`]) };
      break;
    default:
      members[index] = { ...member, method: member.method === 8 ? 0 : 8 };
  }
}

/** Null where the archive is broken itself. */
function unzip(bytes) {
  const end = bytes.lastIndexOf(u32(END));
  if (end < 0 || end + 22 > bytes.length) return null;
  const members = [];
  try {
    let at = bytes.readUInt32LE(end + 16);
    for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
      const local = bytes.readUInt32LE(at + 42);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const stored = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
      const method = bytes.readUInt16LE(at + 10);
      const content = method === 8 ? inflateRawSync(stored, { maxOutputLength: 4 << 20 }) : stored;
      members.push({ name: bytes.toString('latin1', at + 46, at + 46 + nameLength), method, content });
      at += 46 + nameLength + extraLength + commentLength;
    }
  } catch {
    return null;
  }
  return members;
}

/** Small archives of our own making; the sums are right, except where they are to be wrong. */
function zip(members, random) {
  const parts = [];
  const central = [];
  let offset = 0;
  const wrong = random.chance(0.05) ? random.below(members.length) : -1;
  for (const [i, { name, method, content }] of members.entries()) {
    const label = Buffer.from(name, 'latin1');
    const stored = method === 8 ? deflateRawSync(content) : content;
    const padding = Buffer.alloc((64 - ((offset + 30 + label.length + 4) % 64)) % 64);
    const extra = Buffer.concat([Buffer.from('FB'), u16(padding.length), padding]);
    const sums = u32(crc32(content) ^ (i === wrong ? 1 : 0), stored.length, content.length);
    const fields = Buffer.concat([u16(20, 0, method, 0, 0), sums, u16(label.length)]);
    parts.push(u32(LOCAL), fields, u16(extra.length), label, extra, stored);
    central.push(u32(CENTRAL), u16(20), fields, u16(0, 0, 0, 0), u32(0, offset), label);
    offset += 30 + label.length + extra.length + stored.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.concat([
    u32(END),
    u16(0, 0, members.length, members.length),
    u32(directory.length, offset),
    u16(0),
  ]);
  return Buffer.concat([...parts, directory, end]);
}

function fieldsOf(bytes) {
  const layouts = [
    [
      LOCAL,
      [
        [4, 2],
        [6, 2],
        [8, 2],
        [14, 4],
        [18, 4],
        [22, 4],
        [26, 2],
        [28, 2],
        [30, 1],
      ],
    ],
    [
      CENTRAL,
      [
        [8, 2],
        [10, 2],
        [16, 4],
        [20, 4],
        [24, 4],
        [28, 2],
        [30, 2],
        [32, 2],
        [34, 2],
        [42, 4],
        [46, 1],
      ],
    ],
    [
      END,
      [
        [4, 2],
        [6, 2],
        [8, 2],
        [10, 2],
        [12, 4],
        [16, 4],
        [20, 2],
      ],
    ],
    [
      0x06064b50,
      [
        [4, 8],
        [12, 2],
        [24, 8],
        [32, 8],
        [40, 8],
        [48, 8],
      ],
    ],
    [
      0x07064b50,
      [
        [4, 4],
        [8, 8],
        [16, 4],
      ],
    ],
  ];
  return layouts.flatMap(([signature, layout]) => {
    const magic = u32(signature);
    const fields = [];
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 4)) {
      fields.push(...layout.map(([offset, size]) => ({ at: at + offset, size })));
    }
    return fields.filter(({ at, size }) => at + size <= bytes.length);
  });
}
